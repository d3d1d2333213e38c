/** A QR code drawn here; dark on light in both themes, as cameras want it. */

import { useMemo } from "react";
import { encode } from "uqr";

export function Qr({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => {
    const code = encode(text, { border: 4 });
    let drawn = "";
    code.data.forEach((row, y) => {
      row.forEach((dark, x) => {
        if (dark) drawn += `M${String(x)} ${String(y)}h1v1h-1z`;
      });
    });
    return { path: drawn, size: code.size };
  }, [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${String(size)} ${String(size)}`}
      shapeRendering="crispEdges"
      className="w-full max-w-60 rounded-md"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}

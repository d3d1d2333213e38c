// node tools/pack_web.mjs FOLDER: puts packed copies beside the files of a built web app, so that
// the service packs nothing while people wait.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { argv } from "node:process";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const PACKABLE = new Set([".css", ".js", ".json", ".svg", ".ttf", ".txt", ".webmanifest"]);
const BYTES_MIN = 512;

const [, , folder] = argv;
for (const name of readdirSync(folder, { recursive: true })) {
  if (!PACKABLE.has(extname(name))) continue;
  const path = join(folder, name);
  const content = readFileSync(path);
  if (content.length < BYTES_MIN) continue;
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}

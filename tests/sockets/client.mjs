// Drives official Socket.IO clients for the tests.
// argv[2]: {"url": ..., "clients": [{"transports": [...], "upgrade": bool, "namespace": "/",
// "auth": {...}}]}
// stdin: one command a line, {"client": n, "emit": [...]}, {"client": n, "ask": [...]} whose
// answer is reported, {"client": n, "cut": true} for a transport that breaks, {"client": n,
// "connect": true} or {"client": n, "disconnect": true};
// the end of stdin ends the program. stdout: one JSON line for everything a client saw.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const { url, clients } = JSON.parse(process.argv[2]);
const report = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const showBinary = (_key, value) =>
  value?.type === "Buffer" ? { binary: Buffer.from(value.data).toString("hex") } : value;
const plain = (value) => JSON.parse(JSON.stringify(value), showBinary);

const sockets = clients.map(({ transports, upgrade, namespace = "/", auth }, client) => {
  const options = { transports, upgrade, auth, reconnection: false, forceNew: true };
  const socket = io(url + namespace, options);
  socket.io.engine.on("upgrade", ({ name }) => report({ client, upgraded: name }));
  socket.on("connect", () => {
    report({ client, connected: socket.id, transport: socket.io.engine.transport.name });
  });
  socket.on("connect_error", (error) => report({ client, refused: error.message, reason: error.data ?? null }));
  socket.on("disconnect", (reason) => report({ client, disconnected: reason }));
  socket.onAny((...event) => {
    const acknowledge = typeof event.at(-1) === "function" ? event.pop() : null;
    report({ client, event: plain(event) });
    acknowledge?.(client, event[1]);
  });
  return socket;
});

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line);
    const socket = sockets[command.client];
    if (command.disconnect) socket.disconnect();
    else if (command.cut) socket.io.engine.close();
    else if (command.connect) socket.connect();
    else if (command.ask) {
      const answer = (reply) => report({ client: command.client, answer: reply });
      socket.emit(...command.ask, answer);
    }
    else socket.emit(...command.emit);
  })
  .on("close", () => {
    for (const socket of sockets) socket.disconnect();
    setTimeout(() => process.exit(0), 50);
  });

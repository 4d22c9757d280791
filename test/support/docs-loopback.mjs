import { Socket as DatagramSocket } from "node:dgram";
import { Socket } from "node:net";

// Loaded before an example of the documentation, and before each Node that it starts: it must need no network, so every
// way out is closed.
const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1"]);
const connect = Socket.prototype.connect;

Socket.prototype.connect = function connectHere(...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const { host, path } = typeof first === "object" ? first : { host: second };
  if (path === undefined && host !== undefined && !LOOPBACK.has(host))
    throw new Error(`an example of the documentation wants to reach ${host}: it may use loopback only`);
  return connect.apply(this, args);
};

for (const method of ["bind", "connect", "send"])
  DatagramSocket.prototype[method] = () => {
    throw new Error("an example of the documentation wants to use UDP: it may use TCP to loopback only");
  };

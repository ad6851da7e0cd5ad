package org.aima.testkit.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A TCP proxy on loopback in front of one server that misbehaves on command.
 *
 * <p>"Write applied, reply lost" is {@link #swallowReplies}, then waiting until the server itself
 * shows the write, then {@link #pass} and {@link #resetConnections}: no clock decides.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final int CONNECT_MILLIS = 10_000;

    private final String targetHost;
    private final int targetPort;
    private final ServerSocket listener;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicLong swallowed = new AtomicLong();
    private volatile Mode mode = Mode.PASS;
    private volatile Duration delay = Duration.ZERO;

    private enum Mode {
        PASS,
        SWALLOW,
        REFUSE
    }

    private FaultProxy(String targetHost, int targetPort) {
        this.targetHost = targetHost;
        this.targetPort = targetPort;
        try {
            this.listener = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("accept", this::accept);
    }

    /** A proxy that passes everything to the server's host and port. */
    public static FaultProxy before(URI server) {
        return new FaultProxy(server.getHost(), server.getPort());
    }

    /** The port to give to the client. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Connections clients have opened so far, refused ones included. */
    public int connections() {
        return accepted.get();
    }

    /** Bytes of replies that were swallowed so far. */
    public long swallowedBytes() {
        return swallowed.get();
    }

    /** Passes everything at once, the state at the start. */
    public void pass() {
        delay = Duration.ZERO;
        mode = Mode.PASS;
    }

    /** Passes everything, each piece of a reply after a pause. */
    public void delayReplies(Duration pause) {
        delay = pause;
        mode = Mode.PASS;
    }

    /** Forwards requests, but drops what the server answers. */
    public void swallowReplies() {
        mode = Mode.SWALLOW;
    }

    /** Resets present connections and each new one until {@link #pass}. */
    public void refuse() {
        mode = Mode.REFUSE;
        resetConnections();
    }

    /** Resets all present connections once. */
    public void resetConnections() {
        open.forEach(FaultProxy::reset);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        resetConnections();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                accepted.incrementAndGet();
                if (mode == Mode.REFUSE) {
                    reset(client);
                } else {
                    connect(client);
                }
            } catch (IOException e) {
                // The listener was closed, which ends the loop.
            }
        }
    }

    private void connect(Socket client) {
        Socket server = new Socket();
        try {
            server.connect(new java.net.InetSocketAddress(targetHost, targetPort), CONNECT_MILLIS);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
        } catch (IOException e) {
            reset(client);
            reset(server);
            return;
        }
        open.add(client);
        open.add(server);
        start("requests", () -> pump(client, server, false));
        start("replies", () -> pump(server, client, true));
    }

    private void pump(Socket from, Socket to, boolean replies) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (replies && mode == Mode.SWALLOW) {
                    swallowed.addAndGet(read);
                    continue;
                }
                if (replies && !delay.isZero()) {
                    TimeUnit.NANOSECONDS.sleep(delay.toNanos());
                }
                out.write(buffer, 0, read);
                out.flush();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            reset(from);
            reset(to);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
        }
    }

    private static void reset(Socket socket) {
        try {
            // No lingering: the peer sees a reset, not an orderly end.
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // Already closed by the peer.
        }
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing is left to close.
        }
    }

    private static void start(String name, Runnable body) {
        Thread thread = new Thread(body, "fault-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }
}

package org.aima.testkit.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy in front of a server that answers each byte with the next one. */
@Timeout(30)
class FaultProxyTest {
    private final BlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    private ServerSocket server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "echo");
        thread.setDaemon(true);
        thread.start();
        proxy = FaultProxy.before(URI.create("tcp://127.0.0.1:" + server.getLocalPort()));
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        server.close();
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread thread = new Thread(() -> answer(client), "echo client");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket client) {
        try (client;
                InputStream in = client.getInputStream();
                OutputStream out = client.getOutputStream()) {
            for (int b = in.read(); b >= 0; b = in.read()) {
                received.add(b);
                out.write(b + 1);
                out.flush();
            }
        } catch (IOException e) {
            // The proxy reset the connection, as it should.
        }
    }

    private Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    }

    private static int ask(Socket client, int b) throws IOException {
        client.getOutputStream().write(b);
        client.getOutputStream().flush();
        return client.getInputStream().read();
    }

    @Test
    void passesBothWays() throws IOException {
        try (Socket client = connect()) {
            assertThat(ask(client, 1)).isEqualTo(2);
            assertThat(ask(client, 7)).isEqualTo(8);
        }
        assertThat(proxy.connections()).isEqualTo(1);
    }

    @Test
    void swallowedReplyIsLostThoughTheServerGotTheRequest() throws Exception {
        try (Socket client = connect()) {
            assertThat(ask(client, 1)).isEqualTo(2);
            received.clear();
            proxy.swallowReplies();
            client.getOutputStream().write(5);
            client.getOutputStream().flush();
            assertThat(received.take()).isEqualTo(5);
            while (proxy.swallowedBytes() == 0) {
                assertThat(Thread.currentThread().isInterrupted()).as("time is up").isFalse();
            }
            proxy.pass();
            proxy.resetConnections();
            assertThatIOException().isThrownBy(() -> ask(client, 6));
        }
        try (Socket again = connect()) {
            assertThat(ask(again, 1)).isEqualTo(2);
        }
    }

    @Test
    void refusedUntilItPassesAgain() throws IOException {
        try (Socket present = connect()) {
            assertThat(ask(present, 1)).isEqualTo(2);
            proxy.refuse();
            assertThatIOException().isThrownBy(() -> ask(present, 1));
        }
        assertThatIOException()
                .isThrownBy(
                        () -> {
                            try (Socket refused = connect()) {
                                if (ask(refused, 1) < 0) {
                                    throw new IOException("closed");
                                }
                            }
                        });
        proxy.pass();
        try (Socket again = connect()) {
            assertThat(ask(again, 1)).isEqualTo(2);
        }
    }
}

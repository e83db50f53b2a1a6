// SPDX-License-Identifier: Apache-2.0
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The network between the members and the brokers, with faults to order. Commands on stdin, each
 *  answered by a line; SLOT is the member whose way it is, or `all`:
 *
 *    link SLOT LISTEN_PORT TARGET_PORT   a way to one broker
 *    stall SLOT both|requests|answers    forward nothing; connections stay, new ones are accepted
 *    delay SLOT MILLISECONDS             each piece that is read waits so long, in both directions
 *    drop SLOT                           close all connections, and new ones as soon as they come
 *    cut SLOT                            close all connections once
 *    heal SLOT                           end of all that; what was held back goes on */
final class Proxy {
  private static final int REQUESTS = 0;
  private static final int ANSWERS = 1;

  /** One member's network. */
  private static final class Slot {
    private final boolean[] stalled = new boolean[2];
    private boolean dropping;
    private int delay;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Waits until a piece may pass; how long it is to wait besides. */
    synchronized int pass(int direction) throws InterruptedException {
      while (stalled[direction]) wait();
      return delay;
    }

    synchronized void set(boolean requests, boolean answers, boolean drop, int milliseconds) {
      stalled[REQUESTS] = requests;
      stalled[ANSWERS] = answers;
      dropping = drop;
      delay = milliseconds;
      notifyAll();
    }

    synchronized boolean dropping() {
      return dropping;
    }

    void cut() {
      for (Socket socket : sockets) close(socket);
    }
  }

  private static final Map<String, Slot> slots = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      try {
        obey(line.split(" "));
        System.out.println("ok");
      } catch (Exception e) {
        System.out.println("error " + e);
      }
    }
    System.exit(0);
  }

  private static void obey(String[] words) throws IOException {
    if (words[0].equals("link")) {
      Slot slot = slots.computeIfAbsent(words[1], name -> new Slot());
      ServerSocket listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(),
          Integer.parseInt(words[2])));
      start(() -> accept(slot, listener, Integer.parseInt(words[3])));
      return;
    }
    Collection<Slot> meant =
        words[1].equals("all") ? slots.values() : List.of(slots.get(words[1]));
    for (Slot slot : meant) {
      switch (words[0]) {
        case "stall" -> slot.set(!words[2].equals("answers"), !words[2].equals("requests"), false,
            0);
        case "delay" -> slot.set(false, false, false, Integer.parseInt(words[2]));
        case "drop" -> {
          slot.set(false, false, true, 0);
          slot.cut();
        }
        case "cut" -> slot.cut();
        case "heal" -> slot.set(false, false, false, 0);
        default -> throw new IOException("no such command");
      }
    }
  }

  private static void accept(Slot slot, ServerSocket listener, int target) {
    while (true) {
      Socket client = null;
      try {
        client = listener.accept();
        if (slot.dropping()) {
          client.close();
          continue;
        }
        Socket broker = new Socket(InetAddress.getLoopbackAddress(), target);
        for (Socket socket : List.of(client, broker)) {
          socket.setTcpNoDelay(true);
          slot.sockets.add(socket);
        }
        Socket from = client;
        start(() -> pump(slot, from, broker, REQUESTS));
        start(() -> pump(slot, broker, from, ANSWERS));
      } catch (IOException e) { // no broker there at present
        if (client != null) close(client);
      }
    }
  }

  private static void pump(Slot slot, Socket from, Socket to, int direction) {
    byte[] piece = new byte[64 << 10];
    try {
      OutputStream out = to.getOutputStream();
      while (true) {
        int length = from.getInputStream().read(piece);
        int delay = slot.pass(direction); // an end is held back like everything else
        if (length < 0) break;
        if (delay > 0) Thread.sleep(delay);
        out.write(piece, 0, length);
      }
    } catch (IOException | InterruptedException e) {
      // A closed connection, on either side: close the other one too.
    }
    for (Socket socket : List.of(from, to)) {
      slot.sockets.remove(socket);
      close(socket);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is as good as closed.
    }
  }

  private static void start(Runnable body) {
    Thread thread = new Thread(body);
    thread.setDaemon(true);
    thread.start();
  }
}

// SPDX-License-Identifier: Apache-2.0
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What the n-th record of an input partition is, and what the pipeline of the chaos run must make
 *  of it: a function of the seed, so that the reader needs no list of what the feed wrote. */
final class Recipe {
  static final int OUT = 0;
  static final int COPIES = 1;
  static final int DEAD = 2;
  static final int PIECES_MAX = 8;
  private static final long BEGIN = 1_700_000_000;  // Unix seconds, the time of the first records
  private static final long FAR_AHEAD = 4_000_000_000L;

  enum Kind { NO_JSON, BAD_TYPE, LATE, FILTERED, MANY, ONE }

  /** One output: the topic's number, and which piece of the record it is. */
  record Output(int topic, int piece) {}

  private final long seed;

  Recipe(long seed) {
    this.seed = seed;
  }

  /** Splitmix64's last step: neighbours have nothing in common. */
  long hash(int partition, long number) {
    long z = seed * 0x9E3779B97F4A7C15L + partition * 0xD1B54A32D192ED03L + number;
    for (int round = 0; round < 2; ++round) {
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
    }
    return z;
  }

  Kind kind(int partition, long number) {
    long share = Long.remainderUnsigned(hash(partition, number), 100);
    if (share < 3) return Kind.NO_JSON;
    if (share < 5) return Kind.BAD_TYPE;
    if (share < 7) return Kind.LATE;
    if (share < 12) return Kind.FILTERED;
    return share < 20 ? Kind.MANY : Kind.ONE;
  }

  int pieces(int partition, long number) {
    if (kind(partition, number) != Kind.MANY) return 1;
    return 2 + (int) (hash(partition, number) >>> 60) % 4;
  }

  /** Null for one in eight. */
  byte[] key(int partition, long number) {
    long bits = hash(partition, number) >>> 40;
    return bits % 8 == 0 ? null : ascii("k" + bits / 8 % 64);
  }

  String id(int partition, long number) {
    return partition + "/" + number;
  }

  String check(int partition, long number) {
    return Long.toHexString(hash(partition, number));
  }

  byte[] value(int partition, long number) {
    Kind kind = kind(partition, number);
    String check = check(partition, number);
    String begin = "{\"p\":" + partition + ",\"n\":";
    if (kind == Kind.NO_JSON) return ascii(begin + number + ", " + check);
    StringBuilder items = new StringBuilder("0");
    for (int i = 1; i < pieces(partition, number); ++i) items.append(',').append(i);
    return ascii(begin + (kind == Kind.BAD_TYPE ? "\"" + number + "\"" : Long.toString(number))
        + ",\"h\":\"" + check + "\",\"keep\":" + (kind != Kind.FILTERED)
        + ",\"late\":" + (kind == Kind.LATE) + ",\"items\":[" + items + "]"
        + counted(partition, number) + ",\"pad\":\""
        + "x".repeat((int) (hash(partition, number) >>> 32 & 127)) + "\"}");
  }

  /** What only insights read: a device, a user, an amount, and the time of the event, ten records
   *  to the second, most of them up to 15 s out of order; each is absent now and then, and one time
   *  in a hundred is far in the future. */
  private String counted(int partition, long number) {
    long bits = hash(partition, number + (1L << 40));
    StringBuilder members = new StringBuilder();
    if (bits % 50 != 0) members.append(",\"d\":\"device-").append((bits >>> 8) % 5).append('"');
    members.append(",\"u\":\"u").append((bits >>> 16) % 2000 * ((bits >>> 28) % 8) / 8).append('"');
    if ((bits >>> 32) % 20 != 0) {
      members.append(",\"a\":").append((bits >>> 36) % 2000 - 500)
          .append((bits >>> 35) % 2 == 0 ? "" : ".25");
    }
    long time = (bits >>> 48) % 100 == 0 ? FAR_AHEAD
        : BEGIN + number / 10 + (bits >>> 50) % 30 - 15;
    if ((bits >>> 58) != 0) members.append(",\"t\":").append(time);
    return members.toString();
  }

  /** In the order in which the pipeline writes them. */
  List<Output> outputs(int partition, long number) {
    List<Output> all = new ArrayList<>();
    Kind kind = kind(partition, number);
    if (kind == Kind.NO_JSON || kind == Kind.BAD_TYPE) {
      all.add(new Output(DEAD, 0));
    } else if (kind == Kind.LATE) {
      all.add(new Output(COPIES, 0));
      all.add(new Output(DEAD, 0));
    } else if (kind != Kind.FILTERED) {
      all.add(new Output(COPIES, 0));
      for (int i = 0; i < pieces(partition, number); ++i) all.add(new Output(OUT, i));
    }
    return all;
  }

  /** How the rule that rejects such a record begins. */
  String reason(int partition, long number) {
    return switch (kind(partition, number)) {
      case NO_JSON -> "parse:";
      case BAD_TYPE -> "schema:";
      default -> "step:";
    };
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

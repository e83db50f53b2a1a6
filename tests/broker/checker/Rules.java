// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What config/user-login.yaml makes of a record, written a second time: on Jackson, from the rules
 *  as documented, and without a look at the engine. */
final class Rules {
  static final String NOW = "\u0000now";
  private static final int DEPTH_MAX = 512;
  private static final int MEMBERS_MAX = 10_000;
  private static final List<String> STRINGS =
      List.of("user_id", "app_version", "ip", "locale", "device_id", "device_type");
  private static final List<String> REQUIRED = List.of(
      "user_id", "app_version", "ip", "locale", "device_id", "timestamp", "device_type");
  private static final JsonFactory JSON = JsonFactory.builder()
      .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(Integer.MAX_VALUE)
          .maxNumberLength(Integer.MAX_VALUE).maxStringLength(Integer.MAX_VALUE)
          .maxNameLength(Integer.MAX_VALUE).build())
      .build();

  /** What the engine writes has no duplicates, at any depth. */
  private enum Duplicates { LAST_WINS, REJECTED }

  enum Outcome { EMITTED, FILTERED, DEAD_LETTERED }

  /** A value of the top level: its tokens as one text, and a string's or number's own text. */
  record Value(JsonToken kind, String tokens, String text) {}

  /** For EMITTED `form` is the record as it must be written, `members` as it came in. */
  record Expected(Outcome outcome, String rule, String form, Map<String, Value> members) {}

  private static final class Rejected extends Exception {
    private static final long serialVersionUID = 1;
    final String rule;

    Rejected(String rule) {
      super(rule, null, false, false);
      this.rule = rule;
    }
  }

  private final String tombstones;
  private final Duplicates duplicates;

  Rules(String tombstones, boolean rejectDuplicates) {
    this.tombstones = tombstones;
    this.duplicates = rejectDuplicates ? Duplicates.REJECTED : Duplicates.LAST_WINS;
  }

  Expected of(byte[] value) {
    if (value == null) {
      return switch (tombstones) {
        case "pass" -> new Expected(Outcome.EMITTED, null, null, null);
        case "filter" -> new Expected(Outcome.FILTERED, null, null, null);
        default -> rejected("input:tombstone");
      };
    }
    try {
      return clean(parse(value, duplicates));
    } catch (Rejected e) {
      return rejected(e.rule);
    }
  }

  /** The form of a value that the engine wrote, with the time of processing taken out and put into
   *  `times`; null where it is no such value. */
  static String withoutNow(byte[] value, List<String> times) {
    try {
      Map<String, Value> members = parse(value, Duplicates.REJECTED);
      Value now = members.get("processed_at");
      if (now == null || now.kind() != JsonToken.VALUE_STRING) return null;
      times.add(now.text());
      members.put("processed_at", string(NOW));
      return form(members);
    } catch (Rejected e) {
      return null;
    }
  }

  private static Expected rejected(String rule) {
    return new Expected(Outcome.DEAD_LETTERED, rule, null, null);
  }

  private static Expected clean(Map<String, Value> in) throws Rejected {
    for (String name : REQUIRED) {
      if (!in.containsKey(name)) throw new Rejected("schema:/required/" + name);
    }
    for (String name : REQUIRED) {
      Value value = in.get(name);
      boolean fits = STRINGS.contains(name) ? value.kind() == JsonToken.VALUE_STRING
                                            : isInteger(value);
      if (!fits) throw new Rejected("schema:/properties/" + name + "/type");
    }
    String version = in.get("app_version").text();
    if (!version.matches("[0-9]+(\\.[0-9]+)*")) throw new Rejected("step:1:keep_if");
    if (compare(version, "2.3.0") < 0) return new Expected(Outcome.FILTERED, null, null, null);
    if (in.containsKey("created_at")) throw new Rejected("step:3:rename");
    Instant created = instant(in.get("timestamp").text());
    Map<String, Value> out = new LinkedHashMap<>();
    in.forEach((name, value) -> {
      switch (name) {
        case "device_type" -> out.put(name, string(lower(value.text())));
        case "timestamp" -> out.put("created_at", string(created.toString()));
        default -> out.put(name, value);
      }
    });
    out.put("processed_at", string(NOW));
    return new Expected(Outcome.EMITTED, null, form(out), in);
  }

  private static boolean isInteger(Value value) {
    if (value.kind() == JsonToken.VALUE_NUMBER_INT) return true;
    if (value.kind() != JsonToken.VALUE_NUMBER_FLOAT) return false;
    BigDecimal number = new BigDecimal(value.text());
    return number.signum() == 0 || number.stripTrailingZeros().scale() <= 0;
  }

  static Instant instant(String number) throws Rejected {
    BigDecimal seconds = new BigDecimal(number);
    if (seconds.compareTo(new BigDecimal("-62135596800")) < 0
        || seconds.compareTo(new BigDecimal("253402300799")) > 0) {
      throw new Rejected("step:4:format_time");
    }
    return Instant.ofEpochSecond(seconds.longValueExact());
  }

  private static int compare(String left, String right) {
    String[] a = left.split("\\.");
    String[] b = right.split("\\.");
    for (int i = 0; i < Math.max(a.length, b.length); ++i) {
      BigInteger x = i < a.length ? new BigInteger(a[i]) : BigInteger.ZERO;
      BigInteger y = i < b.length ? new BigInteger(b[i]) : BigInteger.ZERO;
      if (!x.equals(y)) return x.compareTo(y);
    }
    return 0;
  }

  private static String lower(String text) {
    StringBuilder lowered = new StringBuilder(text);
    for (int i = 0; i < text.length(); ++i) {
      char c = text.charAt(i);
      if (c >= 'A' && c <= 'Z') lowered.setCharAt(i, (char) (c + 32));
    }
    return lowered.toString();
  }

  private static Value string(String text) {
    return new Value(JsonToken.VALUE_STRING, quoted(text), text);
  }

  /** Lengths instead of escapes: no two different texts look the same. */
  private static String quoted(String text) {
    return "s" + text.length() + ":" + text;
  }

  private static String form(Map<String, Value> members) {
    StringBuilder to = new StringBuilder(512);
    members.forEach((name, value) -> to.append(quoted(name)).append(value.tokens()).append('\n'));
    return to.toString();
  }

  private static Map<String, Value> parse(byte[] value, Duplicates duplicates) throws Rejected {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
    } catch (CharacterCodingException e) {
      throw new Rejected("parse:utf8");
    }
    if (text.chars().allMatch(c -> c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      throw new Rejected("parse:empty");
    }
    try (JsonParser parser = JSON.createParser(text)) {
      return document(parser, duplicates);
    } catch (JsonProcessingException e) {
      throw new Rejected("parse:syntax");
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, Value> document(JsonParser parser, Duplicates duplicates)
      throws IOException, Rejected {
    Map<String, Value> members = new LinkedHashMap<>();
    Reading reading = new Reading(parser);
    JsonToken first = parser.nextToken();
    int count = 0;
    boolean atTop = false;
    if (first == JsonToken.START_OBJECT) {
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = Reading.wellFormed(parser.getText());
        parser.nextToken();
        Value value = reading.value(1);
        // A name that is there already keeps its place and takes the later value.
        if (members.put(name, value) != null) atTop = true;
        ++count;
      }
    } else {
      reading.value(0);
    }
    if (parser.nextToken() != null) throw new Rejected("parse:syntax");
    if (reading.deepest > DEPTH_MAX) throw new Rejected("parse:depth");
    if (count > MEMBERS_MAX) throw new Rejected("parse:too_many_members");
    if (first != JsonToken.START_OBJECT) throw new Rejected("parse:not_object");
    boolean rejected = switch (duplicates) {
      case LAST_WINS -> false;
      case REJECTED -> atTop || reading.duplicate;
    };
    if (rejected) throw new Rejected("parse:duplicate_member");
    return members;
  }

  /** Reads values token by token, without recursion: a record may be nested 10,000 deep. */
  private static final class Reading {
    private final JsonParser parser;
    int deepest = 1;
    boolean duplicate;

    Reading(JsonParser parser) {
      this.parser = parser;
    }

    /** The value that the parser stands on, which lies inside `outer` arrays and objects. */
    Value value(int outer) throws IOException, Rejected {
      JsonToken kind = parser.currentToken();
      StringBuilder tokens = new StringBuilder();
      ArrayDeque<Set<String>> names = new ArrayDeque<>();
      String text = null;
      do {
        JsonToken token = parser.currentToken();
        if (token == null) throw new Rejected("parse:syntax");
        switch (token) {
          case START_OBJECT, START_ARRAY -> {
            names.push(new HashSet<>());
            deepest = Math.max(deepest, outer + names.size());
            tokens.append(token == JsonToken.START_OBJECT ? '{' : '[');
          }
          case END_OBJECT, END_ARRAY -> {
            names.pop();
            tokens.append(token == JsonToken.END_OBJECT ? '}' : ']');
          }
          case FIELD_NAME -> {
            text = wellFormed(parser.getText());
            if (!names.peek().add(text)) duplicate = true;
            tokens.append(quoted(text)).append('=');
          }
          case VALUE_STRING -> {
            text = wellFormed(parser.getText());
            tokens.append(quoted(text));
          }
          default -> {
            text = parser.getText();
            tokens.append(text).append(' ');
          }
        }
        if (!names.isEmpty()) parser.nextToken();
      } while (!names.isEmpty());
      return new Value(kind, tokens.toString(), text);
    }

    /** Half of a surrogate pair, as an escape can say it, is no text. */
    static String wellFormed(String text) throws Rejected {
      for (int i = 0; i < text.length(); ++i) {
        char c = text.charAt(i);
        if (!Character.isSurrogate(c)) continue;
        boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) throw new Rejected("parse:syntax");
        ++i;
      }
      return text;
    }
  }
}

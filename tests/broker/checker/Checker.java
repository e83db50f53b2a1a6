// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The independent witness: Kafka's own Java client and Jackson, and nothing of Millrace.
 *
 *  Checker '{"command": "check", "bootstrap": "127.0.0.1:9092", "input": ["user-login"],
 *            "output": "processed-user-login", "dead_letters": "user-login.dead-letters",
 *            "group": "user-login", "reports": ["r.json"]}'
 *
 *  prints what must have come out and exits with 1, and sentences, if something else did. Without
 *  an argument it takes one command per line from stdin and answers each with a line of JSON. More
 *  members of check: "pipeline", "tombstones", "duplicate_members", "clock". Other commands:
 *  self_test (as check), create {"topics"}, delete {"topic"}, add_partitions {"topic",
 *  "partitions"}, write {"steps", "transactional_id"}, read {"topic"},
 *  committed {"group"}. */
public final class Checker {
  private final ObjectMapper mapper = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    Checker checker = new Checker();
    checker.mapper.getFactory().setStreamReadConstraints(
        StreamReadConstraints.builder().maxStringLength(Integer.MAX_VALUE).build());
    if (arguments.length == 1) System.exit(checker.once(arguments[0]));
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new java.io.PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      out.println(checker.answer(line));
      out.flush();
    }
  }

  private int once(String line) {
    ObjectNode answer = answer(line);
    answer.path("sentences").forEach(sentence -> System.err.println(sentence.asText()));
    System.out.println(answer.toPrettyString());
    return answer.path("violations").asLong() == 0 && !answer.has("error") ? 0 : 1;
  }

  private ObjectNode answer(String line) {
    try {
      JsonNode command = mapper.readTree(line);
      try (Topics topics = new Topics(command.get("bootstrap").asText())) {
        return run(command, topics);
      }
    } catch (Exception e) {
      return mapper.createObjectNode().put("error", e.toString());
    }
  }

  private ObjectNode run(JsonNode command, Topics topics) throws Exception {
    ObjectNode done = mapper.createObjectNode();
    switch (command.get("command").asText()) {
      case "check":
        return Witness.examine(collect(command, topics));
      case "self_test":
        return SelfTest.run(collect(command, topics), mapper);
      case "create":
        topics.create(command.get("topics"));
        return done;
      case "delete":
        topics.delete(names(command.get("topic")));
        return done;
      case "add_partitions":
        topics.addPartitions(command.get("topic").asText(), command.get("partitions").asInt());
        return done;
      case "write":
        topics.write(command.get("steps"), command.path("transactional_id").asText(null));
        return done;
      case "read":
        done.set("records", Topics.show(topics.read(names(command.get("topic"))), mapper));
        return done;
      case "undecided":
        return done.put("offsets", topics.undecided(names(command.get("topic"))));
      case "committed":
        topics.committed(command.get("group").asText())
            .forEach((partition, offset) -> done.put(partition.toString(), offset));
        return done;
      default:
        throw new IllegalArgumentException("no such command");
    }
  }

  private Witness.Evidence collect(JsonNode command, Topics topics) throws Exception {
    Topics.Content input = topics.read(names(command.get("input")));
    String output = command.get("output").asText();
    String deadLetters = command.path("dead_letters").asText(null);
    List<JsonNode> reports = new ArrayList<>();
    for (JsonNode file : command.path("reports")) {
      reports.add(mapper.readTree(new File(file.asText())));
    }
    return new Witness.Evidence(input.records(), topics.read(List.of(output)).records(),
        deadLetters == null ? null : topics.read(List.of(deadLetters)).records(),
        topics.partitions(output), deadLetters == null ? 1 : topics.partitions(deadLetters),
        input.begins(), input.ends(),
        command.has("group") ? topics.committed(command.get("group").asText()) : null,
        command.path("pipeline").asText("user-login"),
        command.path("tombstones").asText("dead_letter"),
        command.path("duplicate_members").asText("last_wins").equals("dead_letter"),
        command.has("clock") ? Instant.ofEpochSecond(command.get("clock").asLong()) : null,
        reports);
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    if (node.isTextual()) names.add(node.asText());
    node.forEach(name -> names.add(name.asText()));
    return names;
  }
}

// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The independent reader: Kafka's own Java client, read_committed, and nothing of Millrace.
 *
 *  Observer follow PLAN   creates the topics, reads outputs as they come and prints what it sees
 *                         twice a second, a line of JSON each; after "end" on stdin, once it has
 *                         read all, what it found. "mark T" on stdin: when did each input partition
 *                         first give an output again that was written after T (milliseconds since
 *                         1970)?
 *  Observer final PLAN    reads all from the beginning, and prints what it found; then, in a line
 *                         of its own, what the brokers' log files say about transactions
 *  Observer markers PLAN  only the latter
 *  Observer dump PLAN TOPIC FILE  writes a topic's committed records, up to its end: PARTITION,
 *                         OFFSET, TIMESTAMP, KEY and VALUE between tabs
 *
 *  PLAN is JSON: bootstrap, seed, input, partitions, topics (a list of name and partitions:
 *  outputs, copies, dead letters), more_topics (the same: they are only made), group, guarantee,
 *  replication, folders (the brokers' log folders). */
final class Observer {
  private static final int SILENCE_MS = 400;

  private final ObjectMapper mapper = new ObjectMapper();
  private final JsonNode plan;
  private final Judge judge;
  private final List<String> names = new ArrayList<>();
  private final List<TopicPartition> inputs = new ArrayList<>();
  private final List<TopicPartition> outputs = new ArrayList<>();
  private final long[] lastSeen;
  private final ArrayNode silences;
  private final Map<Integer, Long> moved = new ConcurrentHashMap<>();
  private volatile long mark = Long.MAX_VALUE;
  private volatile boolean ending;
  private volatile ObjectNode group;

  private Observer(JsonNode plan) {
    this.plan = plan;
    int[] partitions = new int[plan.get("topics").size()];
    for (JsonNode topic : plan.get("topics")) {
      partitions[names.size()] = topic.get("partitions").asInt();
      for (int i = 0; i < topic.get("partitions").asInt(); ++i) {
        outputs.add(new TopicPartition(topic.get("name").asText(), i));
      }
      names.add(topic.get("name").asText());
    }
    String input = plan.get("input").asText();
    for (int i = 0; i < plan.get("partitions").asInt(); ++i) {
      inputs.add(new TopicPartition(input, i));
    }
    judge = new Judge(new Recipe(plan.get("seed").asLong()),
        new Judge.Topics(input, names, partitions), inputs.size(),
        plan.get("guarantee").asText().equals("at_least_once"));
    lastSeen = new long[inputs.size()];
    silences = mapper.createArrayNode();
    group = mapper.createObjectNode();
  }

  public static void main(String[] arguments) throws Exception {
    Observer observer = new Observer(new ObjectMapper().readTree(arguments[1]));
    switch (arguments[0]) {
      case "follow" -> observer.follow();
      case "final" -> {
        observer.readAll();
        observer.markers();
      }
      case "markers" -> observer.markers();
      case "dump" -> observer.dump(arguments[2], arguments[3]);
      default -> throw new IllegalArgumentException(arguments[0]);
    }
    System.exit(0);
  }

  private void create() throws Exception {
    try (Admin admin = admin()) {
      short copies = (short) plan.get("replication").asInt();
      List<NewTopic> topics = new ArrayList<>();
      topics.add(new NewTopic(plan.get("input").asText(), inputs.size(), copies));
      for (String list : List.of("topics", "more_topics")) {
        for (JsonNode topic : plan.get(list)) {
          topics.add(new NewTopic(topic.get("name").asText(), topic.get("partitions").asInt(),
              copies));
        }
      }
      topics.forEach(topic -> topic.configs(
          Map.of("min.insync.replicas", Integer.toString(Math.max(1, copies - 1)))));
      admin.createTopics(topics).all().get(60, TimeUnit.SECONDS);
    }
  }

  private Admin admin() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", plan.get("bootstrap").asText());
    settings.put("request.timeout.ms", 5000);
    return Admin.create(settings);
  }

  private KafkaConsumer<byte[], byte[]> consumer(List<TopicPartition> partitions) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", plan.get("bootstrap").asText());
    settings.put("isolation.level", "read_committed");
    settings.put("auto.offset.reset", "none");
    settings.put("max.poll.records", 5000);
    settings.put("reconnect.backoff.max.ms", 300);
    settings.put("metadata.max.age.ms", 5000);
    var consumer = new KafkaConsumer<byte[], byte[]>(settings, new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
    consumer.assign(partitions);
    for (TopicPartition partition : partitions) consumer.seek(partition, 0);
    return consumer;
  }

  private void follow() throws Exception {
    create();
    daemon(this::obey);
    daemon(this::watchGroup);
    try (var input = consumer(inputs); var output = consumer(outputs)) {
      long told = 0;
      while (!ending) {
        step(input, output);
        long now = System.currentTimeMillis();
        if (now - told >= 500) {
          System.out.println(status(now));
          told = now;
        }
      }
      finish(input, output);
    }
  }

  private void readAll() throws Exception {
    try (var input = consumer(inputs); var output = consumer(outputs)) {
      finish(input, output);
    }
  }

  /** Every byte here is ASCII, and none is a tab. */
  private void dump(String topic, String file) throws Exception {
    List<TopicPartition> partitions = new ArrayList<>();
    try (Admin admin = admin()) {
      admin.describeTopics(List.of(topic)).allTopicNames().get(20, TimeUnit.SECONDS).get(topic)
          .partitions().forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
    }
    try (var consumer = consumer(partitions);
        var out = new PrintStream(new BufferedOutputStream(new FileOutputStream(file)))) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          out.print(record.partition() + "\t" + record.offset() + "\t" + record.timestamp() + "\t"
              + text(record.key()) + "\t" + text(record.value()) + "\n");
        }
      }
    }
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.US_ASCII);
  }

  /** Reads up to the ends of all topics as they are now, and prints what was found. */
  private void finish(KafkaConsumer<byte[], byte[]> input, KafkaConsumer<byte[], byte[]> output)
      throws Exception {
    Map<TopicPartition, Long> ends = input.endOffsets(inputs);
    while (inputs.stream().anyMatch(p -> input.position(p) < ends.get(p))) {
      input.poll(Duration.ofMillis(100)).forEach(judge::input);
    }
    Map<TopicPartition, Long> outputEnds = settledEnds(output);
    while (outputs.stream().anyMatch(p -> output.position(p) < outputEnds.get(p))) {
      step(input, output);
    }
    ObjectNode found = judge.summary(true);
    ObjectNode delivered = found.putObject("delivered");
    for (TopicPartition partition : outputs) {
      delivered.put(partition.toString(),
          judge.delivered[names.indexOf(partition.topic())][partition.partition()]);
    }
    try (Admin admin = admin()) {
      ObjectNode offsets = found.putObject("offsets");
      committed(admin).forEach((p, offset) -> offsets.put(Integer.toString(p.partition()), offset));
      ObjectNode last = found.putObject("input_ends");
      ends.forEach((p, offset) -> last.put(Integer.toString(p.partition()), offset));
    }
    System.out.println(mapper.createObjectNode().set("found", found));
  }

  /** The ends of the outputs, once no transaction is open there any more. */
  private Map<TopicPartition, Long> settledEnds(KafkaConsumer<byte[], byte[]> committed)
      throws Exception {
    long patience = System.currentTimeMillis() + 60_000;
    try (Admin admin = admin()) {
      while (true) {
        Map<TopicPartition, OffsetSpec> question = new HashMap<>();
        outputs.forEach(partition -> question.put(partition, OffsetSpec.latest()));
        var all = admin.listOffsets(question).all().get(20, TimeUnit.SECONDS);
        Map<TopicPartition, Long> ends = committed.endOffsets(outputs);
        if (outputs.stream().allMatch(p -> ends.get(p) == all.get(p).offset())) return ends;
        if (System.currentTimeMillis() > patience) {
          judge.fail("a transaction is still open on an output partition");
          return ends;
        }
        Thread.sleep(200);
      }
    }
  }

  private void step(KafkaConsumer<byte[], byte[]> input, KafkaConsumer<byte[], byte[]> output) {
    input.poll(Duration.ZERO).forEach(judge::input);
    for (ConsumerRecord<byte[], byte[]> record : output.poll(Duration.ofMillis(20))) {
      long[] origin = judge.origin(record);
      if (origin != null) {
        // It was in the input before it came out; here it may be read the other way round.
        long patience = System.currentTimeMillis() + 30_000;
        while (judge.inputRead((int) origin[0]) <= origin[1]
            && System.currentTimeMillis() < patience) {
          input.poll(Duration.ofMillis(20)).forEach(judge::input);
        }
        heard((int) origin[0], record.timestamp());
      }
      judge.output(record);
    }
  }

  /** Notes how long an input partition gave no output that a reader could see. */
  private void heard(int partition, long written) {
    long now = System.currentTimeMillis();
    if (written > mark) moved.putIfAbsent(partition, now);
    if (lastSeen[partition] != 0 && now - lastSeen[partition] >= SILENCE_MS) {
      silences.addObject().put("partition", partition).put("from", lastSeen[partition])
          .put("to", now).put("written", written);
    }
    lastSeen[partition] = now;
  }

  private ObjectNode status(long now) {
    ObjectNode status = judge.summary(false);
    status.remove("replays");
    status.put("now", now);
    ArrayNode inputsRead = status.putArray("inputs");
    for (int i = 0; i < inputs.size(); ++i) inputsRead.add(judge.inputRead(i));
    ArrayNode outputsByInput = status.putArray("by_partition");
    for (long count : judge.firstTime) outputsByInput.add(count);
    status.set("silences", silences.deepCopy());
    silences.removeAll();
    ObjectNode movedAt = status.putObject("moved");
    moved.forEach((partition, at) -> movedAt.put(partition.toString(), at));
    status.set("group", group);
    return status;
  }

  private Map<TopicPartition, Long> committed(Admin admin) throws Exception {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin.listConsumerGroupOffsets(plan.get("group").asText()).partitionsToOffsetAndMetadata()
        .get(10, TimeUnit.SECONDS).forEach((partition, offset) -> {
          if (offset != null) offsets.put(partition, offset.offset());
        });
    return offsets;
  }

  /** Who owns what, as the group's coordinator says; asked without end. */
  private void watchGroup() {
    String name = plan.get("group").asText();
    try (Admin admin = admin()) {
      while (true) {
        Thread.sleep(300);
        try {
          ObjectNode found = mapper.createObjectNode();
          var description = admin.describeConsumerGroups(List.of(name)).describedGroups().get(name)
              .get(3, TimeUnit.SECONDS);
          found.put("state", description.groupState().toString());
          ObjectNode members = found.putObject("members");
          description.members().forEach(member -> {
            ArrayNode owned = members.withArray(member.clientId());
            member.assignment().topicPartitions().forEach(p -> owned.add(p.partition()));
          });
          ObjectNode offsets = found.putObject("offsets");
          committed(admin).forEach((p, o) -> offsets.put(Integer.toString(p.partition()), o));
          found.put("at", System.currentTimeMillis());
          group = found;
        } catch (KafkaException | java.util.concurrent.ExecutionException
            | java.util.concurrent.TimeoutException e) {
          // A broker that is away, or no group yet: the answer grows old, and says when it was.
        }
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void obey() {
    try (var lines = new BufferedReader(new InputStreamReader(System.in))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("end")) {
          ending = true;
          return;
        }
        moved.clear();
        mark = Long.parseLong(line.replace("mark ", ""));
      }
      System.exit(1); // whoever started this is gone
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void daemon(Runnable body) {
    Thread thread = new Thread(body);
    thread.setDaemon(true);
    thread.start();
  }

  /** Of several brokers the fullest log of each partition counts: one may lag behind. */
  private void markers() throws Exception {
    Map<String, Markers.Partition> all = new HashMap<>();
    Map<String, Markers.Partition> offsets = new HashMap<>();
    for (JsonNode folder : plan.get("folders")) {
      take(Markers.read(new File(folder.asText()), names), all);
      take(Markers.read(new File(folder.asText()), List.of("__consumer_offsets")), offsets);
    }
    ObjectNode found = mapper.createObjectNode();
    found.put("aborted", Markers.transactions(all, true))
        .put("committed", Math.max(Markers.transactions(all, false),
            Markers.transactions(offsets, false)))
        .put("abort_markers", all.values().stream().mapToLong(p -> p.aborts).sum())
        .put("commit_markers", all.values().stream().mapToLong(p -> p.commits).sum())
        .put("aborted_records", all.values().stream().mapToLong(p -> p.abortedRecords).sum())
        .put("open_records", all.values().stream().mapToLong(p -> p.openRecords).sum());
    ObjectNode committed = found.putObject("committed_records");
    all.forEach((name, partition) -> committed.put(name, partition.committedRecords));
    System.out.println(found);
  }

  private static void take(Map<String, Markers.Partition> more,
      Map<String, Markers.Partition> into) {
    more.forEach((name, partition) -> into.merge(name, partition,
        (a, b) -> size(a) >= size(b) ? a : b));
  }

  private static long size(Markers.Partition partition) {
    return partition.committedRecords + partition.abortedRecords + partition.commits
        + partition.aborts;
  }
}

// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics as Kafka's own Java client sees them. */
final class Topics implements AutoCloseable {
  private static final Comparator<TopicPartition> ORDER =
      Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

  /** All committed records: the partitions in order, the records of each by offset. */
  record Content(List<ConsumerRecord<byte[], byte[]>> records, Map<TopicPartition, Long> begins,
      Map<TopicPartition, Long> ends) {}

  private final String bootstrap;
  private final Admin admin;

  Topics(String bootstrap) {
    this.bootstrap = bootstrap;
    this.admin = Admin.create(Map.of("bootstrap.servers", bootstrap));
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }

  void create(JsonNode topics) throws Exception {
    List<NewTopic> all = new ArrayList<>();
    for (JsonNode topic : topics) {
      Map<String, String> settings = new HashMap<>();
      topic.path("settings").properties()
          .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
      String name = topic.get("name").asText();
      int partitions = topic.get("partitions").asInt();
      NewTopic made = topic.has("broker")
          ? new NewTopic(name, placed(partitions, topic.get("broker").asInt()))
          : new NewTopic(name, partitions, (short) 1);
      all.add(made.configs(settings));
    }
    admin.createTopics(all).all().get();
    await(all.stream().map(NewTopic::name).toList());
  }

  /** A topic that was made is not known everywhere at once: asks until it is, and has leaders. */
  private void await(List<String> names) throws Exception {
    boolean known = false;
    while (!known) {
      try {
        known = admin.describeTopics(names).allTopicNames().get().values().stream()
            .flatMap(topic -> topic.partitions().stream())
            .allMatch(partition -> partition.leader() != null && !partition.leader().isEmpty());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) throw e;
      }
    }
  }

  /** All partitions on one broker. */
  private static Map<Integer, List<Integer>> placed(int partitions, int broker) {
    Map<Integer, List<Integer>> places = new HashMap<>();
    for (int i = 0; i < partitions; ++i) places.put(i, List.of(broker));
    return places;
  }

  void delete(List<String> topics) throws Exception {
    admin.deleteTopics(topics).all().get();
  }

  void addPartitions(String topic, int partitions) throws Exception {
    admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions))).all().get();
  }

  int partitions(String topic) throws Exception {
    return admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions()
        .size();
  }

  Map<TopicPartition, Long> committed(String group) throws Exception {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get()
        .forEach((partition, offset) -> {
          if (offset != null) offsets.put(partition, offset.offset());
        });
    return offsets;
  }

  /** How many offsets readers of committed records do not see yet, as a transaction is open. */
  long undecided(List<String> topics) throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (String topic : topics) {
      for (int i = 0; i < partitions(topic); ++i) {
        latest.put(new TopicPartition(topic, i), OffsetSpec.latest());
      }
    }
    long all = 0;
    for (var isolation : IsolationLevel.values()) {
      long sign = isolation == IsolationLevel.READ_COMMITTED ? -1 : 1;
      for (var end : admin.listOffsets(latest, new ListOffsetsOptions(isolation)).all().get()
          .values()) {
        all += sign * end.offset();
      }
    }
    return all;
  }

  Content read(List<String> topics) {
    try (var consumer = new KafkaConsumer<byte[], byte[]>(Map.of("bootstrap.servers", bootstrap,
        "isolation.level", "read_committed", "allow.auto.create.topics", "false",
        "max.partition.fetch.bytes", 8 << 20, "max.poll.records", 20_000,
        "auto.offset.reset", "none"),
        new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : topics) {
        for (PartitionInfo info : consumer.partitionsFor(topic)) {
          partitions.add(new TopicPartition(topic, info.partition()));
        }
      }
      partitions.sort(ORDER);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> found = new TreeMap<>(ORDER);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          TopicPartition partition = new TopicPartition(record.topic(), record.partition());
          if (record.offset() >= ends.get(partition)) continue;
          found.computeIfAbsent(partition, p -> new ArrayList<>()).add(record);
        }
      }
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      found.values().forEach(records::addAll);
      return new Content(records, begins, ends);
    }
  }

  static ArrayNode show(Content content, ObjectMapper mapper) {
    ArrayNode all = mapper.createArrayNode();
    for (var record : content.records()) {
      ObjectNode one = all.addObject().put("partition", record.partition())
          .put("offset", record.offset()).put("timestamp", record.timestamp())
          .put("key", record.key()).put("value", record.value());
      ArrayNode headers = one.putArray("headers");
      for (Header header : record.headers()) {
        headers.addArray().add(header.key()).add(header.value());
      }
    }
    return all;
  }

  /** Does `steps` in order, each one of "begin", "commit", "abort", "hold" (the producer goes and
   *  leaves its transaction open; the last step), {"flush": true} or a record
   *  {"topic", "partition", "key", "value", "headers", "timestamp"} with its bytes in base64. */
  void write(JsonNode steps, String transactionalId) throws Exception {
    Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap,
        "max.request.size", 4 << 20, "linger.ms", 5, "compression.type", "lz4"));
    if (transactionalId != null) {
      settings.put("transactional.id", transactionalId);
    } else {
      // In order by one request at a time. With idempotence the client, where it splits a batch
      // that is too large, can go on sending a number that the broker does not take, for minutes.
      settings.put("enable.idempotence", false);
      settings.put("max.in.flight.requests.per.connection", 1);
    }
    try (var producer = new KafkaProducer<byte[], byte[]>(settings, new ByteArraySerializer(),
        new ByteArraySerializer())) {
      if (transactionalId != null) producer.initTransactions();
      List<java.util.concurrent.Future<?>> sent = new ArrayList<>();
      for (JsonNode step : steps) {
        switch (step.asText()) {
          case "begin" -> producer.beginTransaction();
          case "commit" -> producer.commitTransaction();
          case "abort" -> {
            producer.flush();
            producer.abortTransaction();
          }
          case "hold" -> {
            producer.flush();
            producer.close(Duration.ZERO);
            return;
          }
          default -> sent.add(producer.send(record(step)));
        }
      }
      producer.flush();
      for (var each : sent) each.get();
    }
  }

  private static ProducerRecord<byte[], byte[]> record(JsonNode step) throws Exception {
    var record = new ProducerRecord<>(step.get("topic").asText(),
        step.has("partition") ? (Integer) step.get("partition").asInt() : null,
        step.has("timestamp") ? (Long) step.get("timestamp").asLong() : null,
        bytes(step.get("key")), bytes(step.get("value")));
    for (JsonNode header : step.path("headers")) {
      record.headers().add(header.get(0).asText(), bytes(header.get(1)));
    }
    return record;
  }

  private static byte[] bytes(JsonNode node) throws Exception {
    return node == null || node.isNull() ? null : node.binaryValue();
  }
}

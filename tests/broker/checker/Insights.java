// SPDX-License-Identifier: Apache-2.0
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/** The insights of config/user-login.yaml over the records that must have been emitted, as they
 *  came in, in the shape that docs/report.md gives them. */
final class Insights {
  private static final int KEY_BYTES_MAX = 256;
  private static final int TOP = 10;
  private static final Comparator<String> BY_BYTES = (a, b) -> Arrays.compareUnsigned(
      a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private final Map<String, Long> devices = new TreeMap<>(BY_BYTES);
  private final Map<String, Map<String, Long>> versions = new TreeMap<>(BY_BYTES);
  private final Map<String, Long> users = new HashMap<>();
  private final long[] hours = new long[24];

  void count(Map<String, Rules.Value> members) {
    if (members == null) return;  // a tombstone that passes has nothing to count
    String device = key(members.get("device_type"));
    String version = key(members.get("app_version"));
    devices.merge(device, 1L, Long::sum);
    versions.computeIfAbsent(version, v -> new TreeMap<>(BY_BYTES)).merge(device, 1L, Long::sum);
    users.merge(key(members.get("user_id")), 1L, Long::sum);
    long seconds = new BigDecimal(members.get("timestamp").text()).longValueExact();
    ++hours[(int) Math.floorMod(Math.floorDiv(seconds, 3600L), 24L)];
  }

  ObjectNode json(ObjectMapper mapper) {
    ObjectNode all = mapper.createObjectNode();
    ObjectNode device = all.putObject("count_by_device_type").put("kind", "count_by");
    put(device.putObject("counts"), devices);
    ObjectNode version = all.putObject("count_by_app_version_device_type").put("kind", "count_by");
    ObjectNode counts = version.putObject("counts");
    versions.forEach((name, inner) -> put(counts.putObject(name), inner));
    all.putObject("distinct_user_id").put("kind", "distinct").put("value", users.size())
        .put("low", users.size()).put("high", users.size()).put("exact", true);
    var items = all.putObject("top_user_id").put("kind", "top").putArray("items");
    // The best ten so far, the worst of them first: sorting 300,000 users would take seconds.
    var order = Map.Entry.<String, Long>comparingByValue().reversed()
        .thenComparing(Map.Entry.comparingByKey(BY_BYTES));
    var best = new PriorityQueue<Map.Entry<String, Long>>(order.reversed());
    for (var entry : users.entrySet()) {
      best.add(entry);
      if (best.size() > TOP) best.poll();
    }
    List<Map.Entry<String, Long>> ranked = new ArrayList<>(best);
    ranked.sort(order);
    for (var entry : ranked) {
      items.addObject().put("key", entry.getKey()).put("count", entry.getValue()).put("error", 0);
    }
    ObjectNode hour = all.putObject("hours_of_day_timestamp").put("kind", "hours_of_day");
    ObjectNode byHour = hour.putObject("counts");
    for (int i = 0; i < 24; ++i) byHour.put(String.valueOf(i), hours[i]);
    return all;
  }

  private static void put(ObjectNode to, Map<String, Long> counts) {
    counts.forEach((name, count) -> to.put(name, count));
  }

  private static String key(Rules.Value value) {
    if (value.kind() != JsonToken.VALUE_STRING) throw new IllegalStateException("not a string");
    byte[] bytes = value.text().getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= KEY_BYTES_MAX) return value.text();
    int end = KEY_BYTES_MAX;
    while ((bytes[end] & 0xC0) == 0x80) --end;
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }
}

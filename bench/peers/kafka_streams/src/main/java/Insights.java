// SPDX-License-Identifier: Apache-2.0
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The five insights of one task, and in the end of all. No lock: one thread at a time. */
final class Insights {
  private static final int TOP = 10;

  private static final class Count {
    long value;
  }

  // Users are both counted as distinct and ranked; device types are the sums over the versions.
  private final Map<String, Map<String, Count>> versions = new HashMap<>();
  private final Map<String, Count> users = new HashMap<>();
  private final long[] hours = new long[24];

  void count(String user, String version, String deviceType, long seconds) {
    ++versions.computeIfAbsent(version, name -> new HashMap<>())
        .computeIfAbsent(deviceType, name -> new Count()).value;
    ++users.computeIfAbsent(user, name -> new Count()).value;
    ++hours[(int) Math.floorMod(Math.floorDiv(seconds, 3600L), 24L)];
  }

  void add(Insights other) {
    other.versions.forEach((version, types) -> types.forEach((type, count) ->
        versions.computeIfAbsent(version, name -> new HashMap<>())
            .computeIfAbsent(type, name -> new Count()).value += count.value));
    other.users.forEach((user, count) ->
        users.computeIfAbsent(user, name -> new Count()).value += count.value);
    for (int hour = 0; hour < hours.length; ++hour) hours[hour] += other.hours[hour];
  }

  Map<String, Object> report() {
    var deviceTypes = new TreeMap<String, Long>();
    var byVersion = new TreeMap<String, Map<String, Long>>();
    versions.forEach((version, types) -> types.forEach((type, count) -> {
      deviceTypes.merge(type, count.value, Long::sum);
      byVersion.computeIfAbsent(version, name -> new TreeMap<>()).put(type, count.value);
    }));
    var byHour = new TreeMap<Integer, Long>();
    for (int hour = 0; hour < hours.length; ++hour) byHour.put(hour, hours[hour]);
    List<List<Object>> top = users.entrySet().stream()
        .sorted(Comparator.comparingLong(entry -> -entry.getValue().value)).limit(TOP)
        .map(entry -> List.<Object>of(entry.getKey(), entry.getValue().value)).toList();
    return Map.of("device_types", deviceTypes, "app_versions", byVersion, "users", users.size(),
        "top", top, "hours", byHour);
  }
}

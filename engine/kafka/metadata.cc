// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/metadata.h"

namespace millrace::kafka {

TopicAnswer ask_for_topic(rd_kafka_t* client, rd_kafka_topic_t* topic, int timeout_ms) {
  const struct rd_kafka_metadata* answer = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(client, 0, topic, &answer, timeout_ms);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {error, 0};
  const rd::Metadata metadata(answer);
  if (metadata->topic_cnt != 1) return {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, 0};
  const rd_kafka_metadata_topic& found = metadata->topics[0];
  if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) return {found.err, 0};
  // A topic that is just being created can come without partitions.
  if (found.partition_cnt == 0) return {RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, 0};
  return {RD_KAFKA_RESP_ERR_NO_ERROR, found.partition_cnt};
}

}  // namespace millrace::kafka

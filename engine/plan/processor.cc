// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/processor.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/plan/dead_letter.h"
#include "engine/plan/partitioner.h"
#include "engine/record/letter_headers.h"
#include "engine/record/value_text.h"

namespace millrace::plan {

using record::Outcome;
using record::OutputRole;
using steps::RuleId;
using steps::Verdict;

class Processor::Impl {
 public:
  Impl(const Plan& plan, const OutputLimits& limits, Observer* observer)
      : plan_(plan),
        program_(plan.program_),
        limits_(limits),
        observer_(observer),
        document_(plan.names_, document_options(plan.config_)),
        insight_reader_(program_.insights),
        letter_writer_(program_.encoding) {
    MILLRACE_CHECK(limits_.size() == plan.output_topics_.size());
    if (program_.schema != nullptr) checker_.emplace(*program_.schema);
  }

  void process(record::Batch& batch, std::string_view topic, insights::Shard& shard) noexcept {
    batch_ = &batch;
    shard_ = &shard;
    context_.arena = &batch.arena();
    context_.now = batch.now();
    context_.topic = topic;
    context_.partition = batch.partition();
    const auto count = static_cast<uint32_t>(batch.records().size());
    batch.outcomes().reserve(count);
    batch.outputs().reserve(count);
    uint32_t at = 0;
    for (const record::Undeliverable& marked : batch.undeliverable()) {
      process_records(at, marked.record);
      batch.outcomes().push_back(process_undeliverable(marked));
      at = marked.record + 1;
    }
    process_records(at, count);
  }

 private:
  static record::Document::Options document_options(const config::PipelineConfig& config) {
    return {config.input.duplicate_members == config::DuplicateMembers::kDeadLetter,
            config.input.values == config::Values::kObjects};
  }

  void process_records(uint32_t begin, uint32_t end) noexcept {
    for (uint32_t i = begin; i < end; ++i) batch_->outcomes().push_back(process_record(i));
  }

  Outcome process_record(uint32_t index) noexcept {
    begin_record(index);
    return end_record(input_->value.null() ? take_tombstone() : take_value());
  }

  // It met no rule of the pipeline, so nothing of it is read but what the dead letter shows and
  // what is counted of dead letters.
  Outcome process_undeliverable(const record::Undeliverable& marked) noexcept {
    MILLRACE_CHECK(program_.rules.delivery_refused.has_value());
    begin_record(marked.record);
    const bool is_read =
        !program_.letter_fields.empty() || program_.insights.read.has(Outcome::kDeadLettered);
    parsed_ = is_read && !input_->value.null() &&
              document_.parse(input_->value.view()) == record::ParseError::kNone;
    if (parsed_ && insight_reader_.tests_input()) insight_reader_.test_input(document_, context_);
    context_.reason_text.assign(marked.reason);
    return end_record(context_.reject(*program_.rules.delivery_refused));
  }

  void begin_record(uint32_t index) noexcept {
    index_ = index;
    input_ = &batch_->records()[index];
    context_.input = input_;
    context_.value = record::kNoNode;
    context_.reason_text.clear();
    first_output_ = batch_->outputs().size();
    output_bytes_ = 0;
    piece_bytes_ = 0;
    parsed_ = false;
    noted_ = false;
    rejected_by_ = kNoInstruction;
    value_pointer_.clear();
    if (observer_ != nullptr) [[unlikely]]
      observer_->on_record(index);
  }

  Outcome end_record(Verdict verdict) noexcept {
    if (verdict == Verdict::kReject) [[unlikely]]
      dead_letter();
    count_outputs();
    const Outcome outcome = count_outcome(verdict);
    if (observer_ != nullptr) [[unlikely]]
      observer_->on_outcome(index_, outcome);
    return outcome;
  }

  Outcome count_outcome(Verdict verdict) noexcept {
    Outcome outcome = Outcome::kDeadLettered;
    switch (verdict) {
      case Verdict::kContinue:
        shard_->count_emitted();
        outcome = Outcome::kEmitted;
        break;
      case Verdict::kFilter:
        shard_->count_filtered();
        outcome = Outcome::kFiltered;
        break;
      case Verdict::kReject:
        shard_->count_dead_letter(context_.rule.index);
        break;
    }
    insight_reader_.count(outcome, parsed_ ? &document_ : nullptr, context_, *shard_);
    return outcome;
  }

  Verdict take_tombstone() noexcept {
    switch (plan_.config_.input.tombstones) {
      case config::Tombstones::kFilter:
        return Verdict::kFilter;
      case config::Tombstones::kPass:
        return put_tombstone();
      case config::Tombstones::kDeadLetter:
        break;
    }
    context_.reason_text = "the record has no value";
    return context_.reject(program_.rules.tombstone);
  }

  Verdict put_tombstone() noexcept {
    record::OutputRecord output;
    output.key = input_->key;
    return put(output, program_.output_topic, OutputRole::kRecord);
  }

  Verdict take_value() noexcept {
    const record::ParseError error = document_.parse(input_->value.view());
    if (error != record::ParseError::kNone) [[unlikely]] {
      context_.reason_text = record::describe(error);
      return context_.reject(RuleId{static_cast<uint32_t>(error) - 1});
    }
    parsed_ = true;
    if (insight_reader_.tests_input()) insight_reader_.test_input(document_, context_);
    if (checker_ && !checker_->valid(document_)) [[unlikely]]
      return reject_by_schema();
    if (observer_ != nullptr) [[unlikely]]
      observer_->on_checked(document_);
    return run(document_, 0, program_.output_topic, 0);
  }

  Verdict reject_by_schema() noexcept {
    failure_.sentence.clear();
    checker_->explain(document_, failure_);
    context_.reason_text.assign(failure_.sentence);
    const Verdict verdict =
        context_.reject(RuleId{program_.schema_rules.index + failure_.rule}, failure_.value);
    note_rejection(document_, kNoInstruction);
    return verdict;
  }

  // Sends a record through the steps from number `from` on, and to its topic. `depth`: how many
  // times it was exploded.
  Verdict run(record::Document& document, size_t from, record::OutputTopic topic,
              size_t depth) noexcept {
    const size_t count = program_.instructions.size();
    for (size_t i = from; i < count; ++i) {
      const Instruction& instruction = program_.instructions[i];
      const uint32_t edits = document.edits();
      Verdict verdict = Verdict::kContinue;
      if (instruction.step != nullptr) [[likely]] {
        verdict = instruction.step->apply(document, context_);
      } else if (instruction.emit) {
        verdict = send(document, instruction.emit->topic, OutputRole::kCopy);
      } else if (instruction.route != nullptr) {
        verdict = route(*instruction.route, document, topic);
      } else {
        // The steps behind it see the pieces, so it is done when they are.
        verdict = explode(document, i, topic, depth);
        observe_step(i, document, true);
        return verdict;
      }
      if (observer_ != nullptr) [[unlikely]] {
        observe_step(i, document,
                     verdict != Verdict::kContinue || instruction.step == nullptr ||
                         document.edits() != edits);
      }
      if (verdict != Verdict::kContinue) [[unlikely]] {
        if (verdict == Verdict::kReject) note_rejection(document, i);
        return verdict;
      }
    }
    const Verdict verdict =
        send(document, topic, depth == 0 ? OutputRole::kRecord : OutputRole::kPiece);
    if (verdict == Verdict::kReject) [[unlikely]]
      note_rejection(document, kNoInstruction);
    return verdict;
  }

  void observe_step(size_t instruction, const record::Document& document, bool effect) noexcept {
    if (observer_ != nullptr) [[unlikely]]
      observer_->on_step(instruction, document, effect);
  }

  Verdict route(const Route& route, const record::Document& document,
                record::OutputTopic& topic) noexcept {
    for (const Route::Case& one : route.cases) {
      const steps::Truth truth =
          one.condition == nullptr ? steps::Truth::kTrue : one.condition->test(document, context_);
      if (truth == steps::Truth::kUndecided) return context_.reject(route.rule, context_.value);
      if (truth == steps::Truth::kFalse) continue;
      topic = one.topic;
      break;
    }
    return Verdict::kContinue;
  }

  // One record per element: all of them or, where one is rejected, none.
  Verdict explode(record::Document& document, size_t instruction, record::OutputTopic topic,
                  size_t depth) noexcept {
    const Explode& explode = *program_.instructions[instruction].explode;
    const record::NodeIndex array = document.find(explode.path);
    const size_t mark = batch_->outputs().size();
    Verdict verdict = collect_pieces(document, explode, array, depth);
    if (verdict == Verdict::kReject) note_rejection(document, instruction);
    bool any = false;
    for (size_t i = 0; verdict == Verdict::kContinue && i < pieces_[depth].texts.size(); ++i) {
      record::Document& piece = *pieces_[depth].document;
      // It was part of a document already, but a record may have fewer members than an element.
      const record::ParseError error = piece.parse(pieces_[depth].texts[i]);
      if (error != record::ParseError::kNone) [[unlikely]] {
        context_.reason_text = fmt::format("an element of '{}' is no record. {}", explode.path.text,
                                           record::describe(error));
        verdict = context_.reject(explode.rule, array);
        note_rejection(document, instruction);
        break;
      }
      const Verdict of_piece = run(piece, instruction + 1, topic, depth + 1);
      if (of_piece == Verdict::kReject) verdict = Verdict::kReject;
      any = any || of_piece == Verdict::kContinue;
    }
    if (verdict == Verdict::kReject) {
      batch_->outputs().resize(mark);
      return verdict;
    }
    return any ? Verdict::kContinue : Verdict::kFilter;
  }

  // The texts of the pieces, in the batch's arena. kFilter where there are none.
  Verdict collect_pieces(record::Document& document, const Explode& explode,
                         record::NodeIndex array, size_t depth) noexcept {
    while (pieces_.size() <= depth) {
      pieces_.push_back(
          {std::make_unique<record::Document>(
               plan_.names_,
               record::Document::Options{document_options(plan_.config_).reject_duplicates, false}),
           {}});
    }
    std::vector<std::string_view>& texts = pieces_[depth].texts;
    texts.clear();
    if (array == record::kNoNode || document.node(array).value.kind != record::ValueKind::kArray) {
      context_.reason_text = fmt::format("'{}' is no array", explode.path.text);
      return context_.reject(explode.rule, array);
    }
    elements_.clear();
    size_t element_bytes = 0;
    for (record::NodeIndex at = document.first_child(array); at != record::kNoNode;
         at = document.next_child(at)) {
      record::JsonValue element = document.node(at).value;
      element.text = kept(document.text_of(at, context_.scratch));
      element_bytes += element.text.size();
      elements_.push_back(element);
    }
    if (elements_.empty()) {
      if (!explode.reject_empty) return Verdict::kFilter;
      context_.reason_text = fmt::format("'{}' is empty", explode.path.text);
      return context_.reject(explode.rule, array);
    }
    const bool alone = !explode.whole_record || array == document.root();
    size_t around = 0;
    if (!alone) {
      document.replace(array, {"null", record::ValueKind::kNull, false});
      around = document.encoded_size(record::Encoding::kCompact);
    }
    // Of all pieces that the record ever makes, those of pieces too, whatever becomes of them.
    piece_bytes_ += around * elements_.size() + element_bytes;
    if (piece_bytes_ > room()) [[unlikely]] {
      context_.reason_text =
          fmt::format("{} bytes would become {}", input_->value.size(), piece_bytes_);
      return context_.reject(program_.rules.output_expansion);
    }
    if (alone) {
      for (const record::JsonValue& element : elements_) texts.push_back(element.text);
      return Verdict::kContinue;
    }
    for (const record::JsonValue& element : elements_) {
      document.replace(array, element);
      const size_t size = document.encoded_size(record::Encoding::kCompact);
      char* text = batch_->arena().take(size);
      document.encode(record::Encoding::kCompact, text);
      texts.emplace_back(text, size);
    }
    return Verdict::kContinue;
  }

  // A text that may lie in the scratch, in the arena.
  std::string_view kept(std::string_view text) noexcept {
    return text.data() == context_.scratch.data() ? batch_->arena().copy(text) : text;
  }

  // How many bytes the outputs of this record may have.
  [[nodiscard]] size_t room() const noexcept {
    return input_->value.size() * base::limits::kExpansionFactor +
           base::limits::kExpansionAllowance;
  }

  // Whether a text is part of the record's value as it came in, which lies in the arena.
  [[nodiscard]] bool is_input(std::string_view text) const noexcept {
    const char* const begin = input_->value.data();
    return std::less_equal<>()(begin, text.data()) &&
           std::less<>()(text.data(), begin + input_->value.size());
  }

  // Writes a record into the arena and sends it on its way.
  Verdict send(record::Document& document, record::OutputTopic topic, OutputRole role) noexcept {
    record::OutputRecord output;
    switch (program_.key) {
      case config::OutputKey::kKeep:
        output.key = input_->key;
        break;
      case config::OutputKey::kNone:
        break;
      case config::OutputKey::kField:
        if (!take_key(document, output.key)) [[unlikely]]
          return Verdict::kReject;
        break;
    }
    const record::Document::Encoded encoded =
        document.encode(program_.encoding, batch_->arena(), room() - output_bytes_);
    output_bytes_ += encoded.size;
    if (encoded.text == nullptr) [[unlikely]] {
      context_.reason_text =
          fmt::format("{} bytes would become {}", input_->value.size(), output_bytes_);
      return context_.reject(program_.rules.output_expansion);
    }
    output.value = record::Bytes(encoded.text, encoded.size);
    return put(output, topic, role);
  }

  bool take_key(const record::Document& document, record::Bytes& key) noexcept {
    const record::NodeIndex at = document.find(program_.key_path);
    if (at == record::kNoNode || document.node(at).value.kind == record::ValueKind::kNull)
        [[unlikely]] {
      context_.reason_text = fmt::format("the output key '{}' is {}", program_.key_path.text,
                                         at == record::kNoNode ? "absent" : "null");
      static_cast<void>(context_.reject(program_.rules.output_key, at));
      return false;
    }
    const record::Node& node = document.node(at);
    if (node.edited) {
      key = record::Bytes::of(kept(document.text_of(at, context_.scratch)));
      return true;
    }
    const std::string_view text = record::content(node.value, context_.scratch);
    // What a step made may lie in the worker's memory.
    key = record::Bytes::of(is_input(text) ? text : batch_->arena().copy(text));
    return true;
  }

  [[nodiscard]] int32_t partition_of(record::Bytes key, int32_t count) const noexcept {
    switch (plan_.config_.output.partition) {
      case config::OutputPartition::kByKey:
        return output_partition(key, batch_->partition(), count);
      case config::OutputPartition::kSameAsInput:
        return batch_->partition() % count;
      case config::OutputPartition::kRoundRobin:
        // By the offset, so that every run deals them alike.
        return static_cast<int32_t>(input_->offset.value % count);
    }
    return 0;
  }

  Verdict put(record::OutputRecord output, record::OutputTopic topic, OutputRole role) noexcept {
    const record::TopicLimits& limits = limits_[topic];
    if (plan_.config_.output.headers) output.headers = input_->headers;
    if (plan_.config_.output.timestamp == config::OutputTimestamp::kRecord)
      output.timestamp_ms = input_->timestamp_ms;
    output.input = index_;
    output.topic = topic;
    output.role = role;
    output.partition = partition_of(output.key, limits.partitions);
    if (const size_t size = record::sent_size(output); size > limits.message_bytes_max)
        [[unlikely]] {
      context_.reason_text = fmt::format("{} bytes are above the output topic's limit of {}", size,
                                         limits.message_bytes_max);
      return context_.reject(program_.rules.output_too_large);
    }
    batch_->outputs().push_back(output);
    return Verdict::kContinue;
  }

  // Copies and pieces are counted apart from the outcomes.
  void count_outputs() noexcept {
    const std::vector<record::OutputRecord>& outputs = batch_->outputs();
    if (outputs.size() == first_output_ + 1 && outputs.back().role == OutputRole::kRecord)
        [[likely]]
      return;
    insights::OutputCounts counts;
    for (size_t i = first_output_; i < outputs.size(); ++i) {
      if (outputs[i].role == OutputRole::kCopy) ++counts.copies;
      if (outputs[i].role == OutputRole::kPiece) ++counts.pieces;
    }
    counts.exploded = counts.pieces > 0 ? 1 : 0;
    shard_->count_outputs(counts);
  }

  // What a dead letter says of where the rejected value stood; `document` is the one that it stood
  // in. Of a piece and its record the piece knows better, and comes first.
  void note_rejection(const record::Document& document, size_t instruction) noexcept {
    if (noted_) return;
    noted_ = true;
    rejected_by_ = instruction;
    if (context_.value != record::kNoNode) document.append_pointer(context_.value, value_pointer_);
  }

  void dead_letter() noexcept {
    const std::string& rule = plan_.declaration_.rules[context_.rule.index];
    if (observer_ != nullptr) [[unlikely]]
      observer_->on_rejected({rule, context_.reason_text, value_pointer_});
    const int topic = rejected_by_ == kNoInstruction
                          ? program_.dead_letters
                          : program_.instructions[rejected_by_].dead_letters;
    if (topic == kNoTopic) {
      shard_->count_outputs({.letters_discarded = 1});
      return;
    }
    const record::TopicLimits& limits = limits_[static_cast<size_t>(topic)];
    const Provenance provenance = provenance_of(rule);
    record::OutputRecord letter = make_dead_letter(*input_, letter_value(provenance), provenance,
                                                   limits.message_bytes_max, batch_->arena());
    letter.input = index_;
    letter.topic = static_cast<record::OutputTopic>(topic);
    // Not by its key: see docs/decisions/0018-dead-letter-partition.md.
    letter.partition = batch_->partition() % limits.partitions;
    batch_->outputs().push_back(letter);
  }

  [[nodiscard]] Provenance provenance_of(std::string_view rule) const noexcept {
    static constexpr std::string_view kSchema = "schema:";
    Provenance provenance;
    provenance.pipeline = plan_.config_.pipeline.value;
    provenance.topic = context_.topic;
    provenance.partition = batch_->partition();
    provenance.reason = rule;
    provenance.reason_text = context_.reason_text;
    if (rule.starts_with(kSchema)) provenance.rule_pointer = rule.substr(kSchema.size());
    provenance.value_pointer = value_pointer_;
    if (plan_.config_.dead_letters.format == config::DeadLetterFormat::kFields)
      provenance.format = record::kFieldsFormat;
    if (rejected_by_ != kNoInstruction) provenance.stage = plan_.config_.steps[rejected_by_].stage;
    return provenance;
  }

  record::Bytes letter_value(const Provenance& provenance) noexcept {
    const config::DeadLettersConfig& config = plan_.config_.dead_letters;
    switch (config.format) {
      case config::DeadLetterFormat::kRaw:
        break;
      case config::DeadLetterFormat::kEnvelope:
        return letter_writer_.envelope(*input_, provenance, batch_->arena());
      case config::DeadLetterFormat::kFields:
        return letter_writer_.fields(program_.letter_fields, config.error,
                                     parsed_ ? &document_ : nullptr, context_.reason_text,
                                     batch_->arena());
    }
    return input_->value;
  }

  static constexpr size_t kNoInstruction = static_cast<size_t>(-1);

  struct Pieces {
    std::unique_ptr<record::Document> document;
    std::vector<std::string_view> texts;
  };

  const Plan& plan_;
  const Program& program_;
  const OutputLimits limits_;
  Observer* const observer_;

  record::Document document_;
  std::optional<schema::Checker> checker_;
  schema::Failure failure_;
  steps::StepContext context_;
  InsightReader insight_reader_;
  LetterWriter letter_writer_;

  // The batch and the record at hand.
  record::Batch* batch_ = nullptr;
  insights::Shard* shard_ = nullptr;
  const record::InputRecord* input_ = nullptr;
  uint32_t index_ = 0;
  size_t first_output_ = 0;
  size_t output_bytes_ = 0;
  size_t piece_bytes_ = 0;
  bool parsed_ = false;
  bool noted_ = false;
  size_t rejected_by_ = kNoInstruction;
  std::string value_pointer_;

  std::vector<Pieces> pieces_;  // by how often a record was exploded before
  std::vector<record::JsonValue> elements_;
};

Processor::Processor(const Plan& plan, const OutputLimits& limits, Observer* observer)
    : impl_(std::make_unique<Impl>(plan, limits, observer)) {}

Processor::~Processor() = default;

void Processor::process(record::Batch& batch, std::string_view topic,
                        insights::Shard& shard) noexcept {
  impl_->process(batch, topic, shard);
}

}  // namespace millrace::plan

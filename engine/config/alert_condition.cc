// SPDX-License-Identifier: Apache-2.0
#include "engine/config/alert_condition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "engine/config/quantities.h"

namespace millrace::config {
namespace {

using Kind = AlertMeasure::Kind;
using std::chrono::milliseconds;

constexpr std::string_view kExpectation =
    "a measure, > or <, and a threshold, such as dead_letters.share > 5% over 5m";
constexpr std::string_view kInsight = "insight ";
constexpr std::string_view kOver = " over ";
constexpr milliseconds kOverMin = std::chrono::seconds{1};
constexpr milliseconds kOverMax = std::chrono::hours{24};

struct KnownMeasure {
  std::string_view text;
  Kind kind;
  AlertOutcome outcome;
};

// (consumed.share would always be 100 %.)
constexpr std::array<KnownMeasure, 12> kMeasures = {{
    {"dead_letters.share", Kind::kShare, AlertOutcome::kDeadLetters},
    {"dead_letters.rate", Kind::kRate, AlertOutcome::kDeadLetters},
    {"dead_letters.count", Kind::kCount, AlertOutcome::kDeadLetters},
    {"filtered.share", Kind::kShare, AlertOutcome::kFiltered},
    {"filtered.rate", Kind::kRate, AlertOutcome::kFiltered},
    {"filtered.count", Kind::kCount, AlertOutcome::kFiltered},
    {"emitted.share", Kind::kShare, AlertOutcome::kEmitted},
    {"emitted.rate", Kind::kRate, AlertOutcome::kEmitted},
    {"emitted.count", Kind::kCount, AlertOutcome::kEmitted},
    {"consumed.rate", Kind::kRate, AlertOutcome::kConsumed},
    {"consumed.count", Kind::kCount, AlertOutcome::kConsumed},
    {"lag", Kind::kLag, AlertOutcome::kConsumed},
}};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_one_number(const InsightConfig& insight) {
  switch (insight.kind) {
    case InsightKind::kCount:
    case InsightKind::kSum:
    case InsightKind::kMin:
    case InsightKind::kMax:
    case InsightKind::kMean:
    case InsightKind::kRate:
      return true;
    case InsightKind::kDistinct:
      return insight.by.empty();
    case InsightKind::kCountBy:
    case InsightKind::kTop:
    case InsightKind::kHoursOfDay:
    case InsightKind::kQuantiles:
    case InsightKind::kFirst:
    case InsightKind::kLast:
      return false;
  }
  return false;
}

// As reports call it: p50, p99.9.
std::string quantile_name(double quantile) {
  static constexpr int kDigits = 10;
  std::array<char, 40> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), quantile * 100,
                                          std::chars_format::general, kDigits);
  return error == std::errc{} ? "p" + std::string(text.data(), end) : std::string();
}

// What can stand behind the word 'insight'.
struct NamedNumber {
  std::string name;
  const InsightConfig* insight;
  std::optional<double> quantile;
};

std::vector<NamedNumber> numbers_of(const std::vector<InsightConfig>& insights) {
  std::vector<NamedNumber> numbers;
  for (const InsightConfig& insight : insights) {
    if (insight.window) continue;
    if (is_one_number(insight)) numbers.push_back({insight.name, &insight, {}});
    if (insight.kind != InsightKind::kQuantiles) continue;
    for (const double quantile : insight.quantiles)
      numbers.push_back({insight.name + "." + quantile_name(quantile), &insight, quantile});
  }
  return numbers;
}

// Reads one condition; what is wrong with it is said at its place.
class Reader {
 public:
  Reader(const Field& field, const KnownInsights& known, Problems& problems)
      : field_(field), known_(known), problems_(problems) {}

  std::optional<AlertCondition> read() {
    const auto text = field_.text(kExpectation);
    if (!text) return std::nullopt;
    const std::string_view all = text->value;
    const size_t sign = all.find_first_of("<>");
    if (sign == std::string_view::npos) return wrong();
    std::string_view rest = all.substr(sign + 1);
    std::string_view over;
    // Its first one: neither a threshold nor a time holds the word.
    const size_t at = rest.find(kOver);
    const bool has_over = at != std::string_view::npos;
    if (has_over) {
      over = trimmed(rest.substr(at + kOver.size()));
      rest = rest.substr(0, at);
    }
    condition_.above = all[sign] == '>';
    condition_.threshold_text = trimmed(rest);
    const std::string_view measure = trimmed(all.substr(0, sign));
    if (measure.empty() || condition_.threshold_text.empty()) return wrong();
    if (!read_measure(measure)) return std::nullopt;
    const bool good = read_threshold();
    if (!read_over(has_over, over) || !good) return std::nullopt;
    return std::move(condition_);
  }

 private:
  // A message that shows what the environment gave would perhaps show a secret.
  [[nodiscard]] bool is_shown() const { return !field_.node().from_environment; }

  std::nullopt_t wrong() {
    field_.expected(kExpectation);
    return std::nullopt;
  }

  bool problem(const std::string& sentence) {
    if (is_shown()) {
      field_.problem(sentence);
    } else {
      field_.expected(kExpectation);
    }
    return false;
  }

  bool problem_of_name(std::string_view what, std::string_view name,
                       const std::vector<std::string_view>& known) {
    if (is_shown()) {
      problems_.add(field_.node().place, unknown(what, name, "'" + field_.path() + "'", known));
    } else {
      field_.expected(kExpectation);
    }
    return false;
  }

  bool read_measure(std::string_view text) {
    AlertMeasure& measure = condition_.measure;
    if (text.starts_with(kInsight)) return read_insight(trimmed(text.substr(kInsight.size())));
    const auto* const found =
        std::find_if(kMeasures.begin(), kMeasures.end(),
                     [text](const KnownMeasure& known) { return known.text == text; });
    if (found == kMeasures.end()) {
      if (text == "consumed.share") return problem("is about consumed.share, which is always 100%");
      std::vector<std::string_view> known;
      for (const KnownMeasure& one : kMeasures) known.push_back(one.text);
      known.emplace_back("insight NAME");
      return problem_of_name("measure", text, known);
    }
    measure.text = found->text;
    measure.kind = found->kind;
    measure.outcome = found->outcome;
    return true;
  }

  bool read_insight(std::string_view name) {
    AlertMeasure& measure = condition_.measure;
    measure.kind = Kind::kInsight;
    measure.text = std::string(kInsight) + std::string(name);
    const std::vector<NamedNumber> numbers = numbers_of(known_.insights);
    const auto found = std::find_if(numbers.begin(), numbers.end(),
                                    [name](const NamedNumber& one) { return one.name == name; });
    if (found == numbers.end()) return refuse_insight(name, numbers);
    measure.insight = found->insight->name;
    measure.quantile = found->quantile;
    return true;
  }

  bool refuse_insight(std::string_view name, const std::vector<NamedNumber>& numbers) {
    for (const InsightConfig& insight : known_.insights) {
      if (insight.name != name) continue;
      const std::string words = "is about insight " + insight.name;
      if (insight.window) {
        return problem(words + ", which has a result for each window; an alert needs one number");
      }
      if (insight.kind != InsightKind::kQuantiles) {
        return problem(words +
                       ", whose result is not one number; that of a count, distinct, sum, "
                       "min, max, mean, rate or one of quantiles is");
      }
      std::vector<std::string> names;
      for (const double quantile : insight.quantiles) names.push_back(quantile_name(quantile));
      return problem(words + ", which has several numbers; name one of them: " + insight.name +
                     "." + one_of({names.begin(), names.end()}));
    }
    if (!known_.complete) return false;
    if (numbers.empty())
      return problem("is about insight " + in_quotes(name) +
                     ", and the pipeline has no insight that is one number");
    std::vector<std::string_view> known;
    for (const NamedNumber& one : numbers) known.push_back(one.name);
    return problem_of_name("insight", name, known);
  }

  bool read_threshold() {
    const Kind kind = condition_.measure.kind;
    const std::string& text = condition_.threshold_text;
    const auto value = parse_measured(kind, text);
    if (!value) {
      return problem("compares " + condition_.measure.text + " with " + in_quotes(text) +
                     "; it must be " + std::string(measured_words(kind)));
    }
    condition_.threshold = *value;
    if (condition_.above ? kind == Kind::kShare && *value >= 1
                         : kind != Kind::kInsight && *value <= 0) {
      return problem("asks whether " + condition_.measure.text + " is " +
                     (condition_.above ? "above " : "below ") + text + ", which it can never be");
    }
    return true;
  }

  bool read_over(bool has_over, std::string_view text) {
    const std::string& measure = condition_.measure.text;
    if (!has_period(condition_.measure.kind)) {
      return !has_over || problem("is about " + measure + " as it is now; leave out 'over'");
    }
    if (!has_over) {
      return problem("does not say over how long; write " +
                     in_quotes(measure + (condition_.above ? " > " : " < ") +
                               condition_.threshold_text + " over 5m"));
    }
    const auto over = parse_duration(text);
    if (!over || *over < kOverMin || *over > kOverMax) {
      return problem(
          "must be over a duration from 1s to 24h (a whole number and ms, s, m or h), "
          "not " +
          in_quotes(text));
    }
    condition_.over = *over;
    return true;
  }

  const Field& field_;
  const KnownInsights& known_;
  Problems& problems_;
  AlertCondition condition_;
};

}  // namespace

std::optional<AlertCondition> read_alert_condition(const Field& field, const KnownInsights& known,
                                                   Problems& problems) {
  if (!field.present()) return std::nullopt;
  return Reader(field, known, problems).read();
}

std::optional<double> parse_measured(Kind kind, std::string_view text) {
  std::optional<double> value;
  switch (kind) {
    case Kind::kShare:
      value = parse_percentage(text);
      return value && *value <= 1 ? value : std::nullopt;
    case Kind::kCount:
    case Kind::kLag: {
      const auto count = parse_count(text);
      // What a double holds exactly.
      if (count && *count <= uint64_t{1} << 53U) value = static_cast<double>(*count);
      return value;
    }
    case Kind::kRate:
      value = parse_decimal(text);
      return value && *value >= 0 ? value : std::nullopt;
    case Kind::kInsight:
      return parse_decimal(text);
  }
  return value;
}

std::string_view measured_words(Kind kind) {
  switch (kind) {
    case Kind::kShare:
      return "a percentage from 0% to 100%, such as 5%";
    case Kind::kCount:
    case Kind::kLag:
      return "a whole number, such as 1000";
    case Kind::kRate:
      return "a number of records per second, such as 100 or 0.5";
    case Kind::kInsight:
      break;
  }
  return "a number, such as 100, 0.5 or -3";
}

}  // namespace millrace::config

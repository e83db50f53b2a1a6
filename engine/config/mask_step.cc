// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/config/json_constant.h"
#include "engine/config/read_file.h"
#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

constexpr size_t kKeyBytesMin = 16;
constexpr size_t kKeyBytesMax = size_t{64} << 10U;
constexpr uint64_t kKeepLastMax = 1000;

// No message of these shows what they read: it is a secret.

std::optional<std::string> read_key_file(const Field& field, const Context& context) {
  const auto path = field.text("the path of a file");
  if (!path) return std::nullopt;
  const std::string full = relative_to_file(path->value, context.file);
  auto contents = read_file(full, kKeyBytesMax);
  if (!contents.ok()) {
    field.problem("names the file " + in_quotes(full) + ": " + contents.message());
    return std::nullopt;
  }
  std::string key = std::move(contents.value());
  if (key.ends_with('\n')) key.pop_back();
  if (key.ends_with('\r')) key.pop_back();
  return key;
}

std::optional<std::string> read_key_environment(const Field& field, const Context& context) {
  const auto name = field.text("the name of an environment variable");
  if (!name) return std::nullopt;
  auto key = context.environment(name->value);
  if (!key) {
    field.problem("names the environment variable " + in_quotes(name->value) +
                  ", which is not set; set it to the key");
  }
  return key;
}

void read_hmac(const Field& field, const Context& context, MaskStep& step) {
  auto map = field.map("a map such as {key_file: PATH} or {key_environment: NAME}");
  if (!map) return;
  const Field file = map->take("key_file");
  const Field environment = map->take("key_environment");
  map->finish();
  if (file.present() == environment.present()) {
    context.problems.add(map->place(), "'" + field.path() +
                                           "' needs exactly one of the keys 'key_file' and "
                                           "'key_environment', and has " +
                                           (file.present() ? "both" : "none"));
    return;
  }
  const Field& given = file.present() ? file : environment;
  auto key =
      file.present() ? read_key_file(file, context) : read_key_environment(environment, context);
  if (!key) return;
  if (key->size() < kKeyBytesMin) {
    given.problem("gives a key of less than 16 bytes, which could be guessed; take a longer one");
  }
  step.key = std::move(*key);
}

void read_switch(const Field& field) {
  if (!field.boolean().value_or(true)) field.expected("true");
}

void read_how(const Field& field, const Context& context, MaskStep& step) {
  switch (step.how) {
    case MaskStep::How::kDrop:
    case MaskStep::How::kSha256:
      read_switch(field);
      return;
    case MaskStep::How::kText:
      if (const auto text = field.any_text("a text")) step.text = json_string(text->value);
      return;
    case MaskStep::How::kKeepLast:
      set_if(step.keep_last, field.count(0, kKeepLastMax));
      return;
    case MaskStep::How::kHmacSha256:
      read_hmac(field, context, step);
      return;
  }
}

struct KnownHow {
  std::string_view name;
  MaskStep::How how;
};

constexpr std::array<KnownHow, 5> kHows = {
    KnownHow{"drop", MaskStep::How::kDrop}, KnownHow{"with", MaskStep::How::kText},
    KnownHow{"keep_last", MaskStep::How::kKeepLast}, KnownHow{"sha256", MaskStep::How::kSha256},
    KnownHow{"hmac_sha256", MaskStep::How::kHmacSha256}};

}  // namespace

Step read_mask(const Field& field, const Context& context) {
  MaskStep step;
  auto map = field.map("a map such as {field: ip, keep_last: 4}");
  if (!map) return step;
  set_if(step.field, map->require("field", "write the path of what to mask").field_path());
  size_t given = 0;
  for (const KnownHow& known : kHows) {
    const Field how = map->take(known.name);
    if (!how.present()) continue;
    step.how = known.how;
    if (++given == 1) read_how(how, context, step);
  }
  map->finish();
  if (given != 1) {
    context.problems.add(map->place(),
                         "'mask' needs exactly one of the keys 'drop', 'with', "
                         "'keep_last', 'sha256' and 'hmac_sha256', and has " +
                             std::string(given == 0 ? "none" : "several"));
  }
  return step;
}

}  // namespace millrace::config

/* tests/unit/scenario_json.h - Scenarios as JSON, for tests: what the codec's rows hold, under the names of
 * scenario.def.
 *
 * {"tests":[{"name":"t","items":[{"do":"agent","name":"marie"}]}]}: an item says its act by "do", all else its fields.
 * A field that is not there, or of another type, is absent. */
#pragma once

#include "runtime/scenario/scenario.h"

/* The section; the caller frees `bytes`. Whatever the JSON says is written, so that the reader has something to refuse.
 */
struct scenario_section section_of_json(json_t *root);
/* A new reference: all fields but those that are absent. */
json_t *json_of_scenario(const struct scenario *);
/* Reads the section that the text describes. */
struct scenario *scenario_of_text(const char *text, struct error *);

/* runtime/core/rollouts/rollout_text.h - What a rollout has become, as a text of the audit. */
#pragma once

#include "base/span.h"

struct rollout;

enum { ROLLOUT_NOTE = 2048, ROLLOUT_HASH_DIGITS = 12 };

struct rollout_text {
    char bytes[ROLLOUT_NOTE];
    uint32_t length;
};

/* Appends what fits. */
void rollout_text_put(struct rollout_text *, const char *text);
void rollout_text_put_number(struct rollout_text *, uint64_t number);
/* Appends "version " and the first digits of the image's hash, with which commands find it. */
void rollout_text_put_version(struct rollout_text *, const uint8_t *hash);
/* Appends what the rollout is now: the share, why it waits or is over, each guard with its figures, and up to five
 * interactions as examples: "; 50 %; the new version is worse (abandoned); abandoned:+1pt worse, new 12 of 90, present
 * 3 of 90; examples: 1-000000000007". */
void rollout_text_put_figures(struct rollout_text *, const struct rollout *);
struct span rollout_text_span(const struct rollout_text *);

/* runtime/core/steps/target.h - The target that a selection has found (a claim or a queue), as a word of the
 * language. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

uint64_t target_of_claim(uint64_t claim_id, uint32_t agent);
uint64_t target_of_queue(uint32_t queue); /* its name */
/* Reads a target. False: the word is no claim. `agent` is set even if the claim has ended. `claim` receives the low
 * half of the claim's id. */
bool target_is_claim(uint64_t word, uint32_t *agent, uint32_t *claim);
bool target_is_queue(uint64_t word, uint32_t *queue);

/* runtime/journal/secrets.h - Hides the secrets of a batch before it is stored, and restores them for the core.
 *
 * The secrets are the ones that logs and traces mask: digits entered by callers, marked pairs, and pairs whose key a
 * strategy declares secret. Their bytes in the events are overwritten with others of the same length, so that the
 * events stay well-formed: a reader without the key reads "****". The original bytes are stored after the events,
 * encrypted under a key per owner (secrets_owner): a key is erased together with its interaction, or when it is old.
 *
 * After the events, per owner: slot u32, id u64 (keys.h), length of the positions u32 and of their bytes u32; the
 * positions, each as the offset from the end of the one before and the length, as varints; the bytes, encrypted; a
 * tag. */
#pragma once

#include "runtime/journal/keys.h"
#include "runtime/vocabulary/message.h"

/* Returns a number for the owner of an event's secrets; all events with the same owner share a key. The owner is the
 * interaction that the event names, or else the ConnID that it names. Without either it is, for a Submit, the medium
 * and the external id; for an event about a calling list's record, the record and its campaign; for any other event,
 * the event itself. `at`: the event's position in its batch. Never 0. */
uint64_t secrets_owner(const struct message *, uint64_t batch, uint32_t at);

/* Overwrites the secrets in the caller's `events`, and appends their encrypted bytes to `sealed`, for storing after
 * the events. False: a key cannot be made; then only some secrets are hidden, and the events must not be stored. */
bool secrets_hide(struct keys *, struct message_mask, uint64_t batch, uint8_t *events, uint32_t length,
                  struct writer *sealed, struct error *);
/* Puts the secrets back into the events. `erased`: how many owners' keys are gone; their secrets stay hidden. `keys`
 * NULL: all keys are gone. False: secrets cannot be decrypted although their key was not erased. */
bool secrets_show(struct keys *, uint64_t batch, struct span sealed, uint8_t *events, uint32_t length, uint32_t *erased,
                  struct error *);

/* runtime/journal/secrets.h - The secrets of a batch, hidden before it goes to the disk, and shown again to the core.
 *
 * Logs and traces mask the same secrets: digits that callers key, pairs that bear the mark, and pairs whose key a
 * strategy declares secret. Their bytes are overwritten in the events, with others of the same length, so that the
 * events stay well-formed: a reader without the key reads "****". The bytes themselves follow the events, encrypted
 * under a key per owner (secrets_owner): a key is erased with its interaction, or when it is old.
 *
 * Behind the events, per owner: slot u32, id u64 (keys.h), length of the places, of their bytes, both u32; the places,
 * each the offset since the end of the last one and the length, as varints; the bytes, encrypted; a tag. */
#pragma once

#include "runtime/journal/keys.h"
#include "runtime/vocabulary/message.h"

/* Returns a number for the owner of an event's secrets; all events with the same owner share a key. The owner is the
 * interaction that the event names, or else the ConnID that it names. Without both it is, for a Submit, the medium and
 * the external id; for an event about a calling list's record, the record and its campaign; for any other, the event
 * itself. `at`: where the event stands in its batch. Never 0. */
uint64_t secrets_owner(const struct message *, uint64_t batch, uint32_t at);

/* Overwrites the secrets in the events, which are the caller's, and appends their encrypted bytes, which follow the
 * events, to `sealed`. False: a key cannot be made; then only some are hidden, and the events must not be written. */
bool secrets_hide(struct keys *, struct message_mask, uint64_t batch, uint8_t *events, uint32_t length,
                  struct writer *sealed, struct error *);
/* Puts the secrets back into the events. `erased`: how many owners' keys are gone; their secrets stay hidden. `keys`
 * NULL: all keys are gone. False: secrets cannot be decrypted although their key was not erased. */
bool secrets_show(struct keys *, uint64_t batch, struct span sealed, uint8_t *events, uint32_t length, uint32_t *erased,
                  struct error *);

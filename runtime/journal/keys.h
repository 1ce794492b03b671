/* runtime/journal/keys.h - The keys of a state folder: STATE/keys, which can only be decrypted with the site's key
 * file.
 *
 * One data key encrypts batches, images and snapshots as a whole. The data key is in the file's head, wrapped
 * (encrypted) under the site's key: for another site key only the head is written again. After the head there is a slot
 * per secret key: random bytes from which, with the data key, the key for the secrets of one interaction is derived
 * (secrets.h). Overwriting a slot with zeros makes those secrets unreadable for everybody, even with copies of the
 * journal and the site's key, unless they have a copy of this file.
 *
 * The file has two heads, of which at least one is always complete. A slot contains the last batch that used it:
 * once the journal begins after that batch, nothing needs the slot, and it is overwritten. Only the process that
 * owns the journal gives slots to owners; another process may erase slots at the same time: a lock on the file, held
 * briefly, separates them. Other processes read slots, and see at once what was written. Functions may be called
 * from any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

struct keys;

enum { KEY_BYTES = 32, KEY_SEALED = 24 + 16 /* bytes that encrypting adds */ };

/* What a key is used for: a ciphertext of one use cannot be decrypted for another. */
enum keys_use { KEYS_BATCH = 1, KEYS_IMAGE, KEYS_SNAPSHOT, KEYS_KEY, KEYS_FILE };

/* The batches that are unencrypted because they are older than the keys: those up to `number`, whose hash is `hash`;
 * 0: there are none. No other row and no snapshot of a folder with keys is unencrypted, so nobody who may write the
 * folder but has no site key can insert one. The chain of hashes protects the batches before `number`. */
struct keys_plain {
    uint64_t number;
    uint8_t hash[KEY_BYTES];
};

/* For the daemon, before it opens the journal: makes STATE/keys if it is missing, and stores `older` in it for ever;
 * NULL: there are no older batches. `key_file` empty: STATE/site.key is used, and made if missing. `made` is set to
 * whether it was made by this call. False: the key file cannot be read, is readable for everybody, or is not the one
 * under which STATE/keys is wrapped. */
bool keys_make(const char *state, const char *key_file, const struct keys_plain *older, bool *made, struct error *);
/* Does the file contain a site key, and is it protected from other users? */
bool keys_file_good(const char *key_file, struct error *);
bool keys_are_there(const char *state);
/* Removes STATE/keys, with which nothing may have been encrypted yet. */
bool keys_unmake(const char *state, struct error *);
/* Wraps the data key under the key of another file. */
bool keys_rotate(const char *state, const char *key_file, const char *new_file, struct error *);

/* Copies STATE/keys, if it exists, into the folder, replacing one that is there. Made after the copy of the journal,
 * it has the keys of all its batches. */
bool keys_copy(const char *state, const char *folder, struct error *);
/* Writes to the disk what the daemon has noted in STATE/keys, if it exists: which keys are in use. Call this before
 * a snapshot gets its name, since no replay will note the keys of earlier batches again. */
bool keys_sync(const char *state, struct error *);

/* Opens STATE/keys with the key file that GCX_KEY_FILE names; if that is not set, with STATE/site.key, or the file
 * that STATE/keys names. NULL: `error` says why; its code is ERROR_NONE if the folder has no file `keys`. */
struct keys *keys_open(const char *state, bool writes, struct error *);
void keys_close(struct keys *);
/* Can STATE/keys, if it exists, be opened with what a start from this folder would use: the file that GCX_KEY_FILE
 * names, else `key_file` (NULL or empty: none), else STATE/site.key? A copy that can only be opened because
 * STATE/keys names a key in the original folder cannot be restored alone. */
bool keys_start(const char *state, const char *key_file, struct error *);
const char *keys_path(const struct keys *); /* the path of STATE/keys */
/* Would the next start find the file STATE/keys that is open here? If not, `*there` says whether another file has
 * its name. */
bool keys_still(const struct keys *, bool *there);
const struct keys_plain *keys_older(const struct keys *);

/* Encrypts `plain` to `out`, which must have room for KEY_SEALED bytes more than `plain` has. `bound`: what the text
 * belongs to, such as the batch's number; decrypting needs the same value. */
void keys_seal(const struct keys *, enum keys_use, struct span bound, struct span plain, uint8_t *out);
/* Decrypts `sealed` to `out`. False: the text was altered, or encrypted under another data key, for another use or
 * another `bound`. */
bool keys_unseal(const struct keys *, enum keys_use, struct span bound, struct span sealed, uint8_t *out);
/* Derives a key from the data key and the 32 bytes of `salt`; without the salt it cannot be derived. */
void keys_derive(const struct keys *, enum keys_use, const uint8_t salt[KEY_BYTES], uint8_t key[KEY_BYTES]);

/* The name of a secret key: its slot in the file, and the key's id, as another key may be in the slot later. */
struct key_name {
    uint32_t slot;
    uint64_t id;
};
enum key_state { KEY_THERE, KEY_ERASED, KEY_MISSING };
/* Finds or makes the key for the secrets of that owner (an interaction, or a ConnID) in that batch; the key is then
 * on the disk. False: the file cannot grow. */
bool keys_for(struct keys *, uint64_t owner, uint64_t batch, struct key_name *, uint8_t key[KEY_BYTES], struct error *);
/* Finds a key by its name. A process that writes the keys also notes that the batch uses it. */
enum key_state keys_find(struct keys *, struct key_name, uint64_t batch, uint8_t key[KEY_BYTES]);
/* Overwrites the slots that only batches below the given one have used. False: the keys may still be on the disk;
 * the next call overwrites them again. */
bool keys_forget(struct keys *, uint64_t below, struct error *);
/* Overwrites the slots of the given owners that no batch from `needed` on has used. Returns how many; `kept`: how
 * many are still needed, and `last` the last batch that used one of these. `error` is set if keys may still be on
 * the disk: then call it again. */
uint32_t keys_erase(struct keys *, const uint64_t *owners, uint32_t count, uint64_t needed, uint32_t *kept,
                    uint64_t *last, struct error *);

/* The head and the slots of STATE/keys, for making the same file on a second machine, which needs every key before
 * it reads what was encrypted with it. The head is wrapped under the site's key, as in the file; a slot is
 * unencrypted. */
enum { KEYS_HEAD = 512, KEYS_SLOT = 64 };
bool keys_head(const struct keys *, uint8_t out[KEYS_HEAD], struct error *);
/* Makes STATE/keys with the given head, if the file does not exist. */
bool keys_make_of(const char *state, const uint8_t head[KEYS_HEAD], struct error *);
uint32_t keys_slots(struct keys *); /* how many slots there are, in use or not */
/* Returns the id of the secret key in that slot, and copies the slot; 0: no key, or an erased one. */
uint64_t keys_slot(struct keys *, uint32_t at, uint8_t out[KEYS_SLOT]);
/* Was the key of that id in the slot, and was it erased here? */
bool keys_erased(struct keys *, uint32_t at, uint64_t id);
/* Writes a slot as another machine has it; NULL: as an empty slot. keys_settle() brings to the disk the slots that
 * were put. */
bool keys_put(struct keys *, uint32_t at, const uint8_t slot[KEYS_SLOT], struct error *);
bool keys_settle(struct keys *, struct error *);
/* Lists the slots that were given to owners since the last call, at most `most`; returns how many. */
uint32_t keys_given(struct keys *, uint32_t *slots, uint32_t most);

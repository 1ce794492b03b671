/* runtime/journal/keys.h - The keys of a state folder: STATE/keys, which opens with the site's key file only.
 *
 * One data key encrypts batches, images and snapshots as a whole. It stands in the file's head, wrapped under the
 * site's key: another site's key wraps it anew, and nothing else is written again. Behind the head is a slot per secret
 * key: the random bytes from which, with the data key, the key is made that encrypts secrets of one interaction
 * (secrets.h). A slot that is overwritten with zeros makes them unreadable, whoever has copies of the journal and of
 * the site's key, but not of this file.
 *
 * The head is there twice; one of both is always whole. A slot names the last batch that used it: once the journal
 * begins behind that batch, nothing needs the slot, and it is overwritten. One process gives slots to owners, the one
 * that has the journal; another one may erase beside it: a lock on the file keeps them apart, for moments. Others read
 * slots, and see what was written at once. Functions may be called from any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/kv.h"
#include "base/error.h"

struct keys;

enum { KEY_BYTES = 32, KEY_SEALED = 24 + 16 /* bytes that encrypting adds */ };

/* What a key encrypts: a ciphertext of one use opens for no other use. */
enum keys_use { KEYS_BATCH = 1, KEYS_IMAGE, KEYS_SNAPSHOT, KEYS_KEY, KEYS_FILE };

/* The batches that are in the clear because they are older than the keys: those up to `number`, whose hash is `hash`;
 * 0: there are none. No other row and no snapshot of a folder that has keys is in the clear: somebody who may write the
 * folder, but has not the site's key, cannot put one there. The chain of hashes binds the batches before `number`. */
struct keys_plain {
    uint64_t number;
    uint8_t hash[KEY_BYTES];
};

/* For the daemon, before it opens the journal: makes STATE/keys where it is missing, and notes in it what is `older`,
 * for ever; NULL: nothing. `key_file` empty: STATE/site.key, which is made too. `made`: it was made now. False: the key
 * file cannot be read, may be read by everybody, or is another than the one under which STATE/keys is wrapped. */
bool keys_make(const char *state, const char *key_file, const struct keys_plain *older, bool *made, struct error *);
/* Does the file hold a site's key, and may only few read it? */
bool keys_file_good(const char *key_file, struct error *);
bool keys_are_there(const char *state);
/* Removes STATE/keys, with which nothing was encrypted yet. */
bool keys_unmake(const char *state, struct error *);
/* Wraps the data key under the key of another file. */
bool keys_rotate(const char *state, const char *key_file, const char *new_file, struct error *);

/* Copies STATE/keys, where there is one, into the folder, in place of one that is there. A copy that is made after the
 * journal's has the keys of all its batches. */
bool keys_copy(const char *state, const char *folder, struct error *);
/* Brings to the disk what the daemon has noted in STATE/keys, where there is one: which keys are in use. To be called
 * before a snapshot gets its name, since no replay notes the keys of earlier batches again. */
bool keys_sync(const char *state, struct error *);

/* Opens STATE/keys with the key file that GCX_KEY_FILE names; where it is not set, with STATE/site.key, or the one that
 * STATE/keys names. NULL: `error` tells why; its code is ERROR_NONE where the folder has no file `keys`. */
struct keys *keys_open(const char *state, bool writes, struct error *);
void keys_close(struct keys *);
/* Does STATE/keys, where there is one, open with what a start from this folder would use: the file that GCX_KEY_FILE
 * names, else `key_file` (NULL or empty: none is named), else STATE/site.key? A copy that opens only because the folder
 * from which it was taken has its key still, where STATE/keys names it, cannot be restored alone. */
bool keys_start(const char *state, const char *key_file, struct error *);
const char *keys_path(const struct keys *); /* the path of STATE/keys */
/* Would the next start find the file that is open here? If not, `*there` says whether another file has its name. */
bool keys_still(const struct keys *, bool *there);
const struct keys_plain *keys_older(const struct keys *);

/* Encrypts `plain` to `out`, which has room for KEY_SEALED bytes more. `bound`: what the text belongs to, such as the
 * batch's number; it opens with the same only. */
void keys_seal(const struct keys *, enum keys_use, struct span bound, struct span plain, uint8_t *out);
/* Decrypts `sealed` to `out`. False: the text was altered, or encrypted under another data key, for another use or
 * `bound`. */
bool keys_unseal(const struct keys *, enum keys_use, struct span bound, struct span sealed, uint8_t *out);
/* Makes a key from the data key and the 32 bytes of `salt`, without which nobody can make it. */
void keys_derive(const struct keys *, enum keys_use, const uint8_t salt[KEY_BYTES], uint8_t key[KEY_BYTES]);

/* The name of a secret key: its slot in the file, and the key's id, as another key may be in the slot later. */
struct key_name {
    uint32_t slot;
    uint64_t id;
};
enum key_state { KEY_THERE, KEY_ERASED, KEY_MISSING };
/* Finds or makes the key for the secrets of that owner (an interaction, or a ConnID) in that batch; it is on the disk
 * then. False: the file cannot grow. */
bool keys_for(struct keys *, uint64_t owner, uint64_t batch, struct key_name *, uint8_t key[KEY_BYTES], struct error *);
/* Finds a key by its name. A process that writes the keys notes that the batch uses it. */
enum key_state keys_find(struct keys *, struct key_name, uint64_t batch, uint8_t key[KEY_BYTES]);
/* Overwrites the slots that only batches below this one have used. False: the disk may still have the keys; the next
 * call overwrites them again. */
bool keys_forget(struct keys *, uint64_t below, struct error *);
/* Overwrites the slots of these owners which no batch from `needed` on has used. Returns how many; `kept`: those that
 * are still needed, and `last` the last batch that used one of them. `error` is set where the disk may still have the
 * keys: call it again then. */
uint32_t keys_erase(struct keys *, const uint64_t *owners, uint32_t count, uint64_t needed, uint32_t *kept,
                    uint64_t *last, struct error *);

/* The head and the slots of STATE/keys, for a second machine to make the same file: it must have every key before it
 * reads what was encrypted with it. The head is wrapped under the site's key, as in the file; a slot is in the clear.
 */
enum { KEYS_HEAD = 512, KEYS_SLOT = 64 };
bool keys_head(const struct keys *, uint8_t out[KEYS_HEAD], struct error *);
/* Makes STATE/keys with that head, where there is none. */
bool keys_make_of(const char *state, const uint8_t head[KEYS_HEAD], struct error *);
uint32_t keys_slots(struct keys *); /* how many slots there are, in use or not */
/* Returns the id of the secret key in that slot, and copies the slot; 0: it has no key, or an erased one. */
uint64_t keys_slot(struct keys *, uint32_t at, uint8_t out[KEYS_SLOT]);
/* Was the key of that id in the slot, and was it erased here? */
bool keys_erased(struct keys *, uint32_t at, uint64_t id);
/* Writes the slot as it is on another machine; NULL: empty. keys_settle() brings the slots that were put to the disk.
 */
bool keys_put(struct keys *, uint32_t at, const uint8_t slot[KEYS_SLOT], struct error *);
bool keys_settle(struct keys *, struct error *);
/* Lists the slots that were given to owners since the last call, at most `most`; returns how many. */
uint32_t keys_given(struct keys *, uint32_t *slots, uint32_t most);

/* runtime/journal/keys.c - The file of keys: its head, encrypted under the site's key, and its slots, in shared
 * memory.
 *
 *     | head | head | slot 0 | slot 1 | ...      one head is in force; the other is zeros, or was half written
 *
 *     free --keys_for--> used, `last` rises --keys_erase--> erased: its salt is zeros
 *       ^                   |                                |
 *       '----keys_forget----'--------------------------------'  all of it is zeros
 *
 * Two invariants protect the secrets. A key is on the disk before anything is encrypted with it: keys_refill() makes
 * many slots and syncs them together, so that a batch rarely waits. And a slot gets a new random id with each key: the
 * name of an erased key never matches the key that came after it. */
#include "runtime/journal/keys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/vocabulary/bytes.h"
#include "base/file.h"
#include "base/memory.h"

enum {
    KEYS_FORMAT = 1,
    KEYS_NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    KEYS_TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    WRAPPED = KEY_BYTES + KEYS_TAG,
    FINGERPRINT = 16,
    KEYS_HASH = 32,
    HEAD = KEYS_HEAD,      /* size of a head in bytes; the file has two */
    OLDER = 8 + KEY_BYTES, /* a struct keys_plain */
    BOUND = 4 + OLDER,     /* bytes authenticated with the wrapped data key: keys_magic and older */
    /* NAMED: bytes for the path of the key file; zeros follow the path. */
    NAMED = HEAD - 4 - 4 - 8 - FINGERPRINT - KEYS_NONCE - WRAPPED - OLDER - KEYS_HASH,
    SLOT = KEYS_SLOT,
    GROW = 1024,         /* slots that keys_refill() makes at once, with one sync */
    LATELY = 4096,       /* how many owners are remembered together with their slots */
    KEY_FILE_LEAST = 16, /* least number of bytes in a key file */
    KEY_FILE_MOST = 64 << 10,
    PATH = 4096,
};
static_assert(KEYS_NONCE + KEYS_TAG == KEY_SEALED, "what encrypting adds");

static const char keys_magic[4] = {'G', 'C', 'X', 'K'};

struct head {
    uint64_t sequence; /* of the two heads, the one with the higher number is valid */
    uint8_t fingerprint[FINGERPRINT], nonce[KEYS_NONCE], wrapped[WRAPPED];
    struct keys_plain older;
    char named[NAMED];
};

/* A slot has 64 bytes, the same in the file as in memory, as numbers in this machine's byte order: the file is not
 * moved to another kind of machine while a journal needs it. */
struct slot {
    uint8_t salt[KEY_BYTES]; /* the salt of the slot's key; zeros: the key was erased */
    uint64_t id;             /* 0: the slot is free. Random, so that a later key in the same slot has another id */
    uint64_t owner, last;
    uint64_t used;
};
static_assert(sizeof(struct slot) == SLOT, "a slot in the file");

struct keys {
    char path[PATH];
    struct file_identity identity; /* identity of the file that was opened */
    int fd;
    bool writes;
    uint8_t data[KEY_BYTES];
    struct keys_plain older;
    pthread_mutex_t lock;
    struct slot *slots;
    uint32_t count;
    bool unsynced; /* a sync has failed: the kernel may wrongly regard the pages as written */
    /* For a writer: free slots that are already on the disk, and the owners that lately got one. */
    uint32_t fresh[GROW];
    uint32_t fresh_count;
    struct {
        uint64_t owner, id;
        uint32_t slot;
    } lately[LATELY];
    uint32_t *given; /* slots given to an owner since the last keys_given() */
    uint32_t given_count, given_room;
};

/* Reads the site's key, which is derived from the whole contents of the file; white space at its end is ignored. */
static bool site_key_read(const char *path, uint8_t key[KEY_BYTES], struct error *error)
{
    uint8_t *bytes = memory_grown(NULL, KEY_FILE_MOST, 1);
    struct stat found;
    ssize_t length = -1;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* without O_NONBLOCK, opening a pipe would wait */
    bool good = fd >= 0 && fstat(fd, &found) == 0 && (length = file_take_all(fd, bytes, KEY_FILE_MOST)) >= 0;
    if (!good) error_set(error, ERROR_DENIED, "the key file %.180s: %s", path, strerror(errno));
    while (length > 0 && memchr(" \r\n\t", bytes[length - 1], 4)) length--;
    if (good && (found.st_mode & S_IROTH))
        good = error_set(error, ERROR_DENIED, "the key file %.160s may be read by everybody: chmod o-rwx", path);
    else if (good && length < KEY_FILE_LEAST)
        good = error_set(error, ERROR_DENIED, "the key file %.160s has fewer than %d bytes", path, KEY_FILE_LEAST);
    if (good) crypto_generichash(key, KEY_BYTES, bytes, (size_t)length, (const uint8_t *)"the key of a site", 17);
    if (fd >= 0) close(fd);
    sodium_memzero(bytes, KEY_FILE_MOST);
    free(bytes);
    return good;
}

/* Writes all of the bytes, also after a short write or a signal; stops only at an error. */
static bool keys_write_all(int fd, const void *bytes, size_t length, off_t offset)
{
    const uint8_t *at = bytes;
    while (length > 0) {
        ssize_t written = pwrite(fd, at, length, offset);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        at += written;
        offset += written;
        length -= (size_t)written;
    }
    return true;
}

/* Makes a site key of random bytes, unless the file is there. The file gets its name only when it is complete: a
 * process killed meanwhile leaves no file of that name. */
static bool site_key_make(const char *path, struct error *error)
{
    uint8_t random[KEY_BYTES];
    char text[2 * KEY_BYTES + 2];
    if (access(path, F_OK) == 0)
        return true; /* an earlier process made the site key and was killed before it made the keys */
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(text, sizeof text, random, sizeof random);
    text[2 * KEY_BYTES] = '\n';
    bool good = file_install(path, text, 2 * KEY_BYTES + 1) || file_failed(path, error);
    sodium_memzero(text, sizeof text);
    sodium_memzero(random, sizeof random);
    return good;
}

static void fingerprint_of(const uint8_t key[KEY_BYTES], uint8_t out[FINGERPRINT])
{
    crypto_generichash(out, FINGERPRINT, (const uint8_t *)"fingerprint", 11, key, KEY_BYTES);
}

/* Writes the head's bytes, with a hash at the end by which a half-written head is recognized. */
static void keys_head_encode(const struct head *head, uint8_t out[HEAD])
{
    uint8_t *at = out;
    memset(out, 0, HEAD);
    memcpy(at, keys_magic, sizeof keys_magic);
    at[4] = KEYS_FORMAT;
    bytes_put_eight(at + 8, head->sequence);
    at += 16;
    memcpy(at, head->fingerprint, FINGERPRINT);
    memcpy(at += FINGERPRINT, head->nonce, KEYS_NONCE);
    memcpy(at += KEYS_NONCE, head->wrapped, WRAPPED);
    bytes_put_eight(at += WRAPPED, head->older.number);
    memcpy(at += 8, head->older.hash, KEY_BYTES);
    memcpy(at += KEY_BYTES, head->named, NAMED);
    assert(at + NAMED + KEYS_HASH == out + HEAD);
    crypto_generichash(at + NAMED, KEYS_HASH, out, HEAD - KEYS_HASH, NULL, 0);
}

static bool keys_head_decode(const uint8_t in[HEAD], struct head *head)
{
    uint8_t hash[KEYS_HASH];
    const uint8_t *at = in + 16;
    crypto_generichash(hash, KEYS_HASH, in, HEAD - KEYS_HASH, NULL, 0);
    if (memcmp(in, keys_magic, sizeof keys_magic) != 0 || in[4] != KEYS_FORMAT ||
        memcmp(hash, in + HEAD - KEYS_HASH, KEYS_HASH) != 0)
        return false;
    head->sequence = bytes_get_eight(in + 8);
    memcpy(head->fingerprint, at, FINGERPRINT);
    memcpy(head->nonce, at += FINGERPRINT, KEYS_NONCE);
    memcpy(head->wrapped, at += KEYS_NONCE, WRAPPED);
    head->older.number = bytes_get_eight(at += WRAPPED);
    memcpy(head->older.hash, at += 8, KEY_BYTES);
    memcpy(head->named, at += KEY_BYTES, NAMED);
    head->named[NAMED - 1] = '\0';
    return true;
}

/* Reads the two heads of the file. Sets `*head` to the valid one, the undamaged head with the higher sequence, and
 * `*which` to its place. */
static bool keys_head_read(int fd, const char *path, struct head *head, unsigned *which, struct error *error)
{
    uint8_t bytes[2 * HEAD];
    struct head heads[2];
    bool good[2] = {false, false};
    ssize_t length = pread(fd, bytes, sizeof bytes, 0);
    for (unsigned i = 0; i < 2; i++)
        good[i] = length >= (ssize_t)((i + 1) * HEAD) && keys_head_decode(bytes + i * HEAD, &heads[i]);
    if (length < (ssize_t)sizeof bytes || (!good[0] && !good[1]))
        return error_set(error, ERROR_INPUT, "%.180s has no good head: put it back from a backup", path);
    *which = good[1] && (!good[0] || heads[1].sequence > heads[0].sequence);
    *head = heads[*which];
    return true;
}

/* Writes the next head, then overwrites the old one, so that the data key is no longer stored wrapped under the old
 * key. */
static bool head_write(int fd, const struct head *head, unsigned before, bool first)
{
    assert(first || before < 2);
    uint8_t bytes[HEAD], zeros[HEAD] = {0};
    unsigned next = first ? 0 : 1 - before;
    keys_head_encode(head, bytes);
    return keys_write_all(fd, bytes, HEAD, next * HEAD) && fdatasync(fd) == 0 &&
           keys_write_all(fd, zeros, HEAD, (1 - next) * HEAD) && fdatasync(fd) == 0;
}

static void keys_bound_of(const struct head *head, uint8_t out[BOUND])
{
    memcpy(out, keys_magic, sizeof keys_magic);
    bytes_put_eight(out + sizeof keys_magic, head->older.number);
    memcpy(out + sizeof keys_magic + 8, head->older.hash, KEY_BYTES);
}

/* Wraps the data key, that is encrypts it for the head, under the site's key in the key file. The nonce is new each
 * time, because the data key is wrapped under several site keys over time. */
static bool keys_wrap(struct head *head, const uint8_t data[KEY_BYTES], const char *key_file, struct error *error)
{
    uint8_t key[KEY_BYTES], bound[BOUND];
    char *whole = realpath(key_file, NULL);
    if (!site_key_read(key_file, key, error)) {
        free(whole);
        return false;
    }
    memset(head->named, 0, NAMED);
    if (whole && strlen(whole) < NAMED) memcpy(head->named, whole, strlen(whole));
    free(whole);
    fingerprint_of(key, head->fingerprint);
    randombytes_buf(head->nonce, KEYS_NONCE);
    keys_bound_of(head, bound);
    crypto_aead_xchacha20poly1305_ietf_encrypt(head->wrapped, NULL, data, KEY_BYTES, bound, BOUND, NULL, head->nonce,
                                               key);
    sodium_memzero(key, sizeof key);
    return true;
}

/* Decrypts the data key; the fingerprint distinguishes a wrong key file from a damaged head before anything is
 * decrypted. */
static bool keys_unwrap(const struct head *head, const char *path, const char *key_file, uint8_t data[KEY_BYTES],
                        struct error *error)
{
    uint8_t key[KEY_BYTES], fingerprint[FINGERPRINT], bound[BOUND];
    if (!site_key_read(key_file, key, error)) return false;
    fingerprint_of(key, fingerprint);
    keys_bound_of(head, bound);
    bool good = memcmp(fingerprint, head->fingerprint, FINGERPRINT) == 0 &&
                crypto_aead_xchacha20poly1305_ietf_decrypt(data, NULL, NULL, head->wrapped, WRAPPED, bound, BOUND,
                                                           head->nonce, key) == 0;
    sodium_memzero(key, sizeof key);
    return good || error_set(error, ERROR_DENIED, "the key file %.80s is not the one that opens %.80s; that was %.60s",
                             key_file, path, head->named[0] ? head->named : "another");
}

static void keys_path_of(const char *state, const char *name, char path[PATH])
{
    snprintf(path, PATH, "%.3900s/%s", state, name);
}

/* Unwraps the data key. If GCX_KEY_FILE names a key file, only that file is used; else the folder's site.key, or the
 * file that the head names. */
static bool unwrap_known(const struct head *head, const char *state, const char *path, uint8_t data[KEY_BYTES],
                         struct error *error)
{
    const char *told = getenv("GCX_KEY_FILE");
    char beside[PATH];
    struct error why = {0};
    if (told && told[0]) return keys_unwrap(head, path, told, data, error);
    keys_path_of(state, "site.key", beside);
    bool there = access(beside, F_OK) == 0;
    if (there && keys_unwrap(head, path, beside, data, &why)) return true;
    if (!there || access(head->named, F_OK) == 0)
        return keys_unwrap(head, path, head->named[0] ? head->named : beside, data, error);
    if (error) *error = why; /* only the folder's site.key exists: the error is about that file */
    return false;
}

/* Creates STATE/keys with that head and no slots. The file is written under another name and renamed, so a crash leaves
 * either the old file or the whole new one. */
static bool head_install(const char *state, const char *path, const struct head *head, struct error *error)
{
    char temporary[PATH];
    keys_path_of(state, "keys.new", temporary);
    int fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good =
        fd >= 0 && folder >= 0 && head_write(fd, head, 0, true) && rename(temporary, path) == 0 && fsync(folder) == 0;
    if (!good) file_failed(path, error);
    if (fd >= 0) close(fd);
    if (folder >= 0) close(folder);
    return good;
}

static bool keys_make_state(const char *state, const char *key_file, const struct keys_plain *older,
                            struct error *error)
{
    char path[PATH];
    uint8_t data[KEY_BYTES];
    struct head head = {.sequence = 1};
    if (older) head.older = *older;
    keys_path_of(state, "keys", path);
    randombytes_buf(data, sizeof data);
    bool good = keys_wrap(&head, data, key_file, error) && head_install(state, path, &head, error);
    sodium_memzero(data, sizeof data);
    return good;
}

/* Wraps the data key again under the key of `new_file`, unless that is empty, or both `key_file` and the file that the
 * head names. Raises the sequence, writes the new head, then overwrites the old head: at each moment one
 * of the two heads is valid. */
static bool keys_rewrap(int fd, const char *state, const char *path, const char *key_file, const char *new_file,
                        struct error *error)
{
    struct head head;
    unsigned which;
    uint8_t data[KEY_BYTES];
    if (!keys_head_read(fd, path, &head, &which, error)) return false;
    bool good =
        key_file[0] ? keys_unwrap(&head, path, key_file, data, error) : unwrap_known(&head, state, path, data, error);
    char *whole = good && new_file[0] ? realpath(new_file, NULL) : NULL;
    if (good && new_file[0] && (!whole || strcmp(whole, head.named) != 0 || strcmp(key_file, new_file) != 0)) {
        head.sequence++;
        good = keys_wrap(&head, data, new_file, error) &&
               (head_write(fd, &head, which, false) || file_failed(path, error));
    }
    free(whole);
    sodium_memzero(data, sizeof data);
    return good;
}

static bool rewrap_locked(const char *state, const char *key_file, const char *new_file, struct error *error)
{
    char path[PATH];
    keys_path_of(state, "keys", path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) return file_failed(path, error);
    bool good =
        flock(fd, LOCK_EX) == 0 ? keys_rewrap(fd, state, path, key_file, new_file, error) : file_failed(path, error);
    close(fd);
    return good;
}

bool keys_are_there(const char *state)
{
    char path[PATH];
    keys_path_of(state, "keys", path);
    return access(path, F_OK) == 0 || errno != ENOENT; /* keys that cannot be reached count as existing */
}

bool keys_make(const char *state, const char *key_file, const struct keys_plain *older, bool *made, struct error *error)
{
    assert(key_file && made);
    char beside[PATH];
    if (sodium_init() < 0) abort();
    keys_path_of(state, "site.key", beside);
    *made = false;
    if (!keys_are_there(state)) { /* existing keys are never replaced */
        if (!key_file[0] && !site_key_make(beside, error)) return false;
        *made = !key_file[0];
        return keys_make_state(state, key_file[0] ? key_file : beside, older, error);
    }
    /* The key file may have been moved, alone or with its folder: copies of `keys` shall name its present path. */
    const char *told = getenv("GCX_KEY_FILE");
    bool in_folder = !key_file[0] && !(told && told[0]) && access(beside, F_OK) == 0;
    if (in_folder && rewrap_locked(state, beside, beside, NULL)) return true;
    return rewrap_locked(state, key_file, key_file, error);
}

bool keys_file_good(const char *key_file, struct error *error)
{
    uint8_t key[KEY_BYTES];
    bool good = site_key_read(key_file, key, error);
    sodium_memzero(key, sizeof key);
    return good;
}

bool keys_unmake(const char *state, struct error *error)
{
    char path[PATH];
    keys_path_of(state, "keys", path);
    return unlink(path) == 0 || file_failed(path, error);
}

bool keys_rotate(const char *state, const char *key_file, const char *new_file, struct error *error)
{
    if (sodium_init() < 0) abort();
    return rewrap_locked(state, key_file, new_file, error);
}

/* Copies the head and all slots unchanged; reading the copy also needs the site's key. */
bool keys_copy(const char *state, const char *folder, struct error *error)
{
    char from[PATH], to[PATH];
    uint8_t bytes[SLOT * GROW];
    keys_path_of(state, "keys", from);
    keys_path_of(folder, "keys", to);
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) return errno == ENOENT || file_failed(from, error);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ssize_t got = out < 0 ? -1 : 1;
    off_t at = 0;
    while (got > 0) {
        got = pread(in, bytes, sizeof bytes, at);
        if (got > 0 && !keys_write_all(out, bytes, (size_t)got, at)) got = -1;
        if (got > 0) at += got;
    }
    bool good = (got == 0 && fsync(out) == 0) || file_failed(to, error);
    if (out >= 0) close(out);
    close(in);
    return good;
}

bool keys_sync(const char *state, struct error *error)
{
    char path[PATH];
    keys_path_of(state, "keys", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || file_failed(path, error);
    bool good = fsync(fd) == 0 || file_failed(path, error);
    close(fd);
    return good;
}

/* Reads how many slots the file has now, and maps them. */
static bool keys_look(struct keys *keys)
{
    struct stat found;
    if (fstat(keys->fd, &found) != 0 || found.st_size < 2 * HEAD) return false;
    uint32_t count = (uint32_t)((found.st_size - 2 * HEAD) / SLOT);
    if (count == keys->count) return true;
    void *room = mmap(NULL, 2 * HEAD + (size_t)count * SLOT, PROT_READ | (keys->writes ? PROT_WRITE : 0), MAP_SHARED,
                      keys->fd, 0);
    if (room == MAP_FAILED) return false;
    if (keys->slots) munmap((uint8_t *)keys->slots - 2 * HEAD, 2 * HEAD + (size_t)keys->count * SLOT);
    keys->slots = (struct slot *)(void *)((uint8_t *)room + 2 * HEAD);
    keys->count = count;
    return true;
}

/* Syncs the slots; a failure is remembered, and the pages are written again next time. */
static bool sync_slots(struct keys *keys)
{
    assert(keys->count == 0 || keys->slots);
    keys->unsynced = keys->count > 0 &&
                     msync((uint8_t *)keys->slots - 2 * HEAD, 2 * HEAD + (size_t)keys->count * SLOT, MS_SYNC) != 0;
    return !keys->unsynced;
}

/* Takes or releases the lock on all slots, which keeps other processes from them. The lock is only held while slots are
 * written in memory, never while syncing or waiting. The heads have a separate lock. */
static bool slots_lock(struct keys *keys, bool take, struct error *error)
{
    struct flock range = {.l_type = take ? F_WRLCK : F_UNLCK, .l_whence = SEEK_SET, .l_start = 2 * (off_t)HEAD};
    int got;
    do got = fcntl(keys->fd, F_OFD_SETLKW, &range);
    while (got != 0 && errno == EINTR);
    return got == 0 || file_failed(keys->path, error);
}

/* Opens the keys; NULL with ERROR_NONE: there is no file of keys, and nothing is encrypted. */
struct keys *keys_open(const char *state, bool writes, struct error *error)
{
    struct head head;
    unsigned which;
    struct error none = {0};
    struct keys *keys = calloc(1, sizeof *keys);
    if (!keys || sodium_init() < 0) abort();
    if (error) error->code = ERROR_NONE;
    keys_path_of(state, "keys", keys->path);
    keys->writes = writes;
    pthread_mutex_init(&keys->lock, NULL);
    keys->fd = open(keys->path, (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    bool absent = keys->fd < 0 && errno == ENOENT;
    struct stat found;
    if (keys->fd >= 0 && fstat(keys->fd, &found) == 0) keys->identity = file_identity(&found);
    bool good = keys->fd >= 0 && keys_head_read(keys->fd, keys->path, &head, &which, error) &&
                unwrap_known(&head, state, keys->path, keys->data, error);
    if (good && !keys_look(keys)) good = file_failed(keys->path, error);
    if (good) keys->older = head.older;
    if (good) return keys;
    if (keys->fd < 0 && !absent) file_failed(keys->path, error);
    if (absent && error) *error = none;
    keys_close(keys);
    return NULL;
}

bool keys_start(const char *state, const char *key_file, struct error *error)
{
    struct head head;
    unsigned which;
    uint8_t data[KEY_BYTES];
    char path[PATH], beside[PATH];
    const char *told = getenv("GCX_KEY_FILE");
    keys_path_of(state, "keys", path);
    keys_path_of(state, "site.key", beside);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT || file_failed(path, error);
    const char *with = told && told[0] ? told : key_file && key_file[0] ? key_file : beside;
    bool good = keys_head_read(fd, path, &head, &which, error);
    close(fd);
    if (good && with == beside && access(beside, F_OK) != 0)
        return error_set(
            error, ERROR_DENIED,
            "it has no site.key, and no other key file is named: alone it cannot be restored. Put a copy of %.90s "
            "beside it, or name it in key_file or GCX_KEY_FILE",
            head.named[0] ? head.named : "the site's key");
    good = good && keys_unwrap(&head, path, with, data, error);
    sodium_memzero(data, sizeof data);
    return good;
}

/* Closes the keys and overwrites the data key in memory. */
void keys_close(struct keys *keys)
{
    if (!keys) return;
    if (keys->slots) munmap((uint8_t *)keys->slots - 2 * HEAD, 2 * HEAD + (size_t)keys->count * SLOT);
    if (keys->fd >= 0) close(keys->fd);
    free(keys->given);
    pthread_mutex_destroy(&keys->lock);
    sodium_memzero(keys, sizeof *keys);
    free(keys);
}

bool keys_still(const struct keys *keys, bool *there)
{
    return file_still(keys->path, &keys->identity, there);
}

const char *keys_path(const struct keys *keys)
{
    return keys->path;
}

const struct keys_plain *keys_older(const struct keys *keys)
{
    return &keys->older;
}

/* Derives one key per use and salt, so a key that becomes known decrypts nothing of another use. */
void keys_derive(const struct keys *keys, enum keys_use use, const uint8_t salt[KEY_BYTES], uint8_t key[KEY_BYTES])
{
    uint8_t input[KEY_BYTES + 1];
    memcpy(input, salt, KEY_BYTES);
    input[KEY_BYTES] = (uint8_t)use;
    crypto_generichash(key, KEY_BYTES, input, sizeof input, keys->data, KEY_BYTES);
    sodium_memzero(input, sizeof input);
}

/* Writes the further bytes that the tag of a ciphertext authenticates. */
static size_t bound_bytes(enum keys_use use, struct span bound, uint8_t out[1 + KEY_BYTES])
{
    assert(bound.length <= KEY_BYTES);
    out[0] = (uint8_t)use;
    memcpy(out + 1, bound.bytes, bound.length);
    return 1 + bound.length;
}

/* Encrypts; `bound` is neither encrypted nor stored, but must be given again to decrypt. So no row can be put in the
 * place of another. */
void keys_seal(const struct keys *keys, enum keys_use use, struct span bound, struct span plain, uint8_t *out)
{
    uint8_t more[1 + KEY_BYTES];
    size_t length = bound_bytes(use, bound, more);
    randombytes_buf(out, KEYS_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out + KEYS_NONCE, NULL, plain.bytes, plain.length, more, length, NULL,
                                               out, keys->data);
}

bool keys_unseal(const struct keys *keys, enum keys_use use, struct span bound, struct span sealed, uint8_t *out)
{
    uint8_t more[1 + KEY_BYTES];
    size_t length = bound_bytes(use, bound, more);
    return sealed.length >= KEY_SEALED && crypto_aead_xchacha20poly1305_ietf_decrypt(
                                              out, NULL, NULL, sealed.bytes + KEYS_NONCE, sealed.length - KEYS_NONCE,
                                              more, length, sealed.bytes, keys->data) == 0;
}

/* Makes a key for a slot; the id is written last, so a slot with an id is complete. */
static void slot_make(struct slot *slot)
{
    memset(slot, 0, sizeof *slot);
    randombytes_buf(slot->salt, sizeof slot->salt);
    while (slot->id == 0) randombytes_buf(&slot->id, sizeof slot->id);
}

static bool slots_grow(struct keys *keys, struct error *error)
{
    off_t end = 2 * HEAD + (off_t)keys->count * SLOT;
    errno = posix_fallocate(keys->fd, end, (off_t)GROW * SLOT);
    return (errno == 0 && keys_look(keys)) || file_failed(keys->path, error);
}

/* Makes keys for slots never used or erased, and syncs them; if there are too few such slots, the file grows. */
static bool keys_refill(struct keys *keys, struct error *error)
{
    assert(keys->writes && keys->fresh_count == 0);
    for (uint32_t at = 0; at < keys->count && keys->fresh_count < GROW; at++)
        if (!keys->slots[at].used) keys->fresh[keys->fresh_count++] = at;
    if (keys->fresh_count < GROW / 2) {
        uint32_t before = keys->count;
        if (!slots_grow(keys, error)) {
            keys->fresh_count = 0; /* the slots collected so far have no key yet */
            return false;
        }
        for (uint32_t at = before; at < keys->count && keys->fresh_count < GROW; at++)
            keys->fresh[keys->fresh_count++] = at;
    }
    for (uint32_t i = 0; i < keys->fresh_count; i++) slot_make(&keys->slots[keys->fresh[i]]);
    if (sync_slots(keys) && fdatasync(keys->fd) == 0) return true;
    file_failed(keys->path, error);
    keys->fresh_count = 0; /* the new keys are not on the disk, and might be lost: no owner gets one of them */
    return false;
}

/* Returns the owner's slot, with the lock held; NULL: the owner has no slot that can still be used. */
static struct slot *slot_known(struct keys *keys, uint64_t owner, uint32_t place)
{
    if (keys->lately[place].id == 0 || keys->lately[place].owner != owner) return NULL;
    struct slot *slot = &keys->slots[keys->lately[place].slot];
    return slot->id == keys->lately[place].id && !sodium_is_zero(slot->salt, KEY_BYTES) ? slot : NULL;
}

/* Notes a slot that got an owner, once keys_given() has been called. */
static void given_note(struct keys *keys, uint32_t at)
{
    if (keys->given_room == 0) return;
    if (keys->given_count == keys->given_room) {
        keys->given_room *= 2;
        keys->given = memory_grown(keys->given, keys->given_room, sizeof *keys->given);
    }
    keys->given[keys->given_count++] = at;
}

/* Gives the owner a slot whose key is already made and synced: only its owner is written here. */
static struct slot *slot_give(struct keys *keys, uint64_t owner, uint32_t place)
{
    assert(keys->fresh_count > 0 && place < LATELY);
    uint32_t at = keys->fresh[--keys->fresh_count];
    struct slot *slot = &keys->slots[at];
    slot->owner = owner;
    slot->used = 1;
    keys->lately[place].owner = owner;
    keys->lately[place].id = slot->id;
    keys->lately[place].slot = at;
    given_note(keys, at);
    return slot;
}

/* Finds or makes the owner's key; the lock is released during the sync, so that other processes do not wait for the
 * disk. */
bool keys_for(struct keys *keys, uint64_t owner, uint64_t batch, struct key_name *name, uint8_t key[KEY_BYTES],
              struct error *error)
{
    assert(keys->writes);
    pthread_mutex_lock(&keys->lock);
    uint32_t place = (uint32_t)((owner ^ owner >> 32) % LATELY);
    bool good = slots_lock(keys, true, error);
    struct slot *slot = good ? slot_known(keys, owner, place) : NULL;
    if (good && !slot && keys->fresh_count == 0) {
        slots_lock(keys, false, NULL); /* a sync is made */
        good = keys_refill(keys, error) && slots_lock(keys, true, error);
    }
    if (good) {
        if (!slot) slot = slot_give(keys, owner, place);
        slot->last = batch;
        *name = (struct key_name){keys->lately[place].slot, slot->id};
        keys_derive(keys, KEYS_BATCH, slot->salt, key);
        slots_lock(keys, false, NULL);
    }
    pthread_mutex_unlock(&keys->lock);
    return good;
}

/* Finds a key by name; KEY_ERASED also if the slot has another key by now, as that has another id. */
enum key_state keys_find(struct keys *keys, struct key_name name, uint64_t batch, uint8_t key[KEY_BYTES])
{
    enum key_state state = KEY_MISSING;
    pthread_mutex_lock(&keys->lock);
    if (name.slot >= keys->count) keys_look(keys);
    bool locked = keys->writes && slots_lock(keys, true, NULL);
    if (name.slot < keys->count) {
        struct slot *slot = &keys->slots[name.slot];
        if (slot->id != name.id || sodium_is_zero(slot->salt, KEY_BYTES)) {
            state = KEY_ERASED;
        } else {
            state = KEY_THERE;
            keys_derive(keys, KEYS_BATCH, slot->salt, key);
            /* notes again that the slot is used, as a loss of power may have lost that */
            if (keys->writes) slot->used = 1;
            if (keys->writes && slot->last < batch) slot->last = batch;
        }
    }
    if (locked) slots_lock(keys, false, NULL);
    pthread_mutex_unlock(&keys->lock);
    return state;
}

/* Erases keys of batches below `below`, after the batches themselves are gone. A slot of zeros is free for a new
 * key. */
bool keys_forget(struct keys *keys, uint64_t below, struct error *error)
{
    assert(keys->writes);
    pthread_mutex_lock(&keys->lock);
    bool work = keys->unsynced;
    bool good = slots_lock(keys, true, error);
    for (uint32_t at = 0; good && at < keys->count; at++) {
        struct slot *slot = &keys->slots[at];
        volatile uint64_t *used = &slot->used;
        if (keys->unsynced) *used = *used; /* the kernel may regard a page as written whose sync has failed */
        if (!slot->used || slot->last >= below) continue;
        sodium_memzero(slot, sizeof *slot);
        work = true;
    }
    if (good) slots_lock(keys, false, NULL);
    if (good && work && !sync_slots(keys)) good = file_failed(keys->path, error);
    pthread_mutex_unlock(&keys->lock);
    return good;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
    return one < other ? -1 : one > other;
}

/* Erases keys of these owners; a key that a batch from `needed` on uses is kept and counted in `kept`, and `last` is
 * the batch that must be pruned before it can be erased. */
uint32_t keys_erase(struct keys *keys, const uint64_t *owners, uint32_t count, uint64_t needed, uint32_t *kept,
                    uint64_t *last, struct error *error)
{
    assert(keys->writes && (count == 0 || owners));
    uint32_t erased = 0;
    *kept = 0;
    *last = 0;
    if (count == 0) return 0;
    /* The owners are sorted to be found fast: the journal's writer waits while all slots are examined. */
    uint64_t *sorted = memory_grown(NULL, count, sizeof *sorted);
    memcpy(sorted, owners, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_number);
    pthread_mutex_lock(&keys->lock);
    bool good = slots_lock(keys, true, error);
    for (uint32_t at = 0; good && at < keys->count; at++) {
        struct slot *slot = &keys->slots[at];
        if (!slot->used || !bsearch(&slot->owner, sorted, count, sizeof *sorted, by_number)) continue;
        bool before = sodium_is_zero(slot->salt, KEY_BYTES); /* the key was erased before, but the sync may have failed:
                                                              * so the slot is written again */
        if (!before && slot->last >= needed) {
            ++*kept;
            if (*last < slot->last) *last = slot->last;
            continue;
        }
        sodium_memzero(slot->salt, sizeof slot->salt);
        erased += !before;
    }
    if (good) slots_lock(keys, false, NULL);
    if (good && !sync_slots(keys)) file_failed(keys->path, error);
    pthread_mutex_unlock(&keys->lock);
    free(sorted);
    return erased;
}

bool keys_head(const struct keys *keys, uint8_t out[KEYS_HEAD], struct error *error)
{
    struct head head;
    unsigned which;
    if (!keys_head_read(keys->fd, keys->path, &head, &which, error)) return false;
    keys_head_encode(&head, out);
    return true;
}

bool keys_make_of(const char *state, const uint8_t bytes[KEYS_HEAD], struct error *error)
{
    char path[PATH];
    struct head head;
    keys_path_of(state, "keys", path);
    if (!keys_head_decode(bytes, &head)) return error_set(error, ERROR_INPUT, "the head of the keys was altered");
    return keys_are_there(state) || head_install(state, path, &head, error);
}

uint32_t keys_slots(struct keys *keys)
{
    pthread_mutex_lock(&keys->lock);
    keys_look(keys);
    uint32_t count = keys->count;
    pthread_mutex_unlock(&keys->lock);
    return count;
}

uint64_t keys_slot(struct keys *keys, uint32_t at, uint8_t out[KEYS_SLOT])
{
    uint64_t id = 0;
    pthread_mutex_lock(&keys->lock);
    if (at < keys->count && keys->slots[at].used && !sodium_is_zero(keys->slots[at].salt, KEY_BYTES)) {
        memcpy(out, &keys->slots[at], SLOT);
        id = keys->slots[at].id;
    }
    pthread_mutex_unlock(&keys->lock);
    return id;
}

bool keys_erased(struct keys *keys, uint32_t at, uint64_t id)
{
    pthread_mutex_lock(&keys->lock);
    bool erased =
        at < keys->count && id != 0 && keys->slots[at].id == id && sodium_is_zero(keys->slots[at].salt, KEY_BYTES);
    pthread_mutex_unlock(&keys->lock);
    return erased;
}

/* Writes a slot received from another machine into the slot of that number, or zeros. */
bool keys_put(struct keys *keys, uint32_t at, const uint8_t slot[KEYS_SLOT], struct error *error)
{
    assert(keys->writes && keys->fresh_count == 0);
    enum { SLOTS_MOST = 1 << 28 };
    pthread_mutex_lock(&keys->lock);
    bool good = at < SLOTS_MOST || error_set(error, ERROR_INPUT, "a key stands in a slot that cannot be");
    while (good && at >= keys->count) good = slots_grow(keys, error);
    good = good && slots_lock(keys, true, error);
    if (good) {
        if (slot)
            memcpy(&keys->slots[at], slot, SLOT);
        else
            sodium_memzero(&keys->slots[at], SLOT);
        keys->unsynced = true;
        slots_lock(keys, false, NULL);
    }
    pthread_mutex_unlock(&keys->lock);
    return good;
}

bool keys_settle(struct keys *keys, struct error *error)
{
    pthread_mutex_lock(&keys->lock);
    bool good = !keys->unsynced || sync_slots(keys) || file_failed(keys->path, error);
    pthread_mutex_unlock(&keys->lock);
    return good;
}

uint32_t keys_given(struct keys *keys, uint32_t *slots, uint32_t most)
{
    enum { GIVEN_FIRST = 64 };
    pthread_mutex_lock(&keys->lock);
    if (keys->given_room == 0) {
        keys->given_room = GIVEN_FIRST;
        keys->given = memory_grown(NULL, keys->given_room, sizeof *keys->given);
    }
    uint32_t count = keys->given_count < most ? keys->given_count : most;
    if (count > 0) memcpy(slots, keys->given, count * sizeof *slots);
    keys->given_count -= count;
    memmove(keys->given, keys->given + count, keys->given_count * sizeof *slots);
    pthread_mutex_unlock(&keys->lock);
    return count;
}

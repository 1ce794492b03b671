/* runtime/journal/snapshot_file.c - Writes the pages of a snapshot and their tags, and checks them when they are
 * read.
 *
 *     | head | salt, proof (of an encrypted one) | page 0 | page 1 | ... | last page | table: a tag per page |
 *       '- hash of the table                                                           |
 *       '<-----------------------------------------------------------------------------'
 *
 * The head authenticates the table, and the table the pages: so one page can be checked without the others, and an
 * altered byte is found in its page. A writer fills one page in memory; the head is written last and makes the file
 * a valid snapshot. A reader's thread is at most ROOM - 1 pages ahead, so that the page handed out last is never
 * overwritten. */
#include "runtime/journal/snapshot_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/journal/keys.h"
#include "base/memory.h"
#include "base/file.h"

enum {
    PAGE = 1 << 20,
    BOOT = 64,
    HASH = 32,
    PAGE_TAG = 16,
    FILE_HEAD = 4 + 2 + 2 + 4 + 4 + 6 * 8 + BOOT + 2 * HASH + 4 * 8 + 2 * HASH,
    BEHIND = 8 * PAGE, /* so many bytes may be unsynced: more would delay the journal's syncs */
    ROOM = 4,          /* at most so many pages are read ahead */
};
static_assert((int)NAME_MAX_BYTES <= (int)BOOT, "the name of a run of the machine has room in the head");

static const char snapshot_magic[4] = {'G', 'C', 'X', 'S'};

/* How a file is encrypted. */
struct cipher {
    bool sealed;
    uint8_t salt[KEY_BYTES], key[KEY_BYTES];
    uint8_t proof[HASH]; /* authentication code of the head, made with the key */
};

struct snapshot_writer {
    struct cipher cipher;
    int fd, why; /* why: errno of the first failure; 0: none */
    uint64_t length;
    uint8_t *page;
    size_t filled;
    uint8_t *table;
    size_t pages, table_capacity;
};

/* A position in a head while it is written or read. */
struct head_place {
    uint8_t *at;
};

static void snapshot_put_word(struct head_place *place, uint64_t word, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) *place->at++ = (uint8_t)(word >> (8 * i));
}

static void put_raw(struct head_place *place, const void *bytes, size_t length)
{
    memcpy(place->at, bytes, length);
    place->at += length;
}

static uint64_t snapshot_get_word(struct head_place *place, unsigned bytes)
{
    uint64_t word = 0;
    for (unsigned i = 0; i < bytes; i++) word |= (uint64_t)*place->at++ << (8 * i);
    return word;
}

static void get_raw(struct head_place *place, void *bytes, size_t length)
{
    memcpy(bytes, place->at, length);
    place->at += length;
}

/* Returns the position in the file where the content begins. */
static uint64_t content_at(const struct cipher *cipher)
{
    return FILE_HEAD + (cipher->sealed ? KEY_BYTES + HASH : 0);
}

/* Opens the keys of the state folder to which the file belongs: STATE/snapshots/FILE. NULL with code ERROR_NONE: the
 * folder has no keys. */
static struct keys *keys_of(const char *path, struct error *error)
{
    char *state = memory_text(path);
    for (unsigned up = 0; up < 2; up++) {
        char *slash = strrchr(state, '/');
        if (slash) *slash = '\0';
    }
    struct keys *keys = keys_open(state, false, error);
    free(state);
    return keys;
}

static void proof_make(const struct cipher *cipher, const uint8_t head[FILE_HEAD], uint8_t proof[HASH])
{
    crypto_generichash(proof, HASH, head, FILE_HEAD, cipher->key, KEY_BYTES);
}

/* Is the snapshot encrypted if its state folder has keys, and was its head written with these keys? If so, derives
 * the key of the file's pages. */
static bool of_the_folder(struct cipher *cipher, const char *path, const uint8_t head[FILE_HEAD], struct error *error)
{
    struct error why = {0};
    uint8_t proof[HASH] = {0};
    struct keys *keys = keys_of(path, &why);
    if (keys && cipher->sealed) {
        keys_derive(keys, KEYS_SNAPSHOT, cipher->salt, cipher->key);
        proof_make(cipher, head, proof);
    }
    if (keys && !cipher->sealed)
        error_set(&why, ERROR_INPUT, "it is not encrypted, and this state folder is: gcxvm has not written it");
    else if (keys && sodium_memcmp(proof, cipher->proof, HASH) != 0)
        error_set(&why, ERROR_INPUT, "its head was altered, or is of other keys");
    else if (!keys && why.code == ERROR_NONE && cipher->sealed)
        error_set(&why, ERROR_DENIED, "it is encrypted, and the state folder has no file `keys`: put that back");
    if (why.code != ERROR_NONE && error) *error = why;
    keys_close(keys);
    return why.code == ERROR_NONE;
}

static void page_nonce(uint64_t number, uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES])
{
    struct head_place place = {nonce};
    memset(nonce, 0, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    snapshot_put_word(&place, number, 8);
}

/* Makes a page's tag without keys: a checksum, which only detects accidental changes. */
static void page_sum(const uint8_t *page, size_t length, uint8_t tag[PAGE_TAG])
{
    XXH128_canonical_t sum;
    XXH128_canonicalFromHash(&sum, XXH3_128bits(page, length));
    memcpy(tag, sum.digest, PAGE_TAG);
}

/* Converts the page in place to its form in the file, encrypted if there are keys, and makes its tag. */
static void page_close(const struct cipher *cipher, uint8_t *page, size_t length, uint64_t number,
                       uint8_t tag[PAGE_TAG])
{
    assert(length > 0 && length <= PAGE);
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];
    page_nonce(number, nonce);
    if (cipher->sealed)
        crypto_aead_xchacha20poly1305_ietf_encrypt_detached(page, tag, NULL, page, length, NULL, 0, NULL, nonce,
                                                            cipher->key);
    else
        page_sum(page, length, tag);
}

/* Converts the page back to its form before page_close(). False: the page does not match its tag. */
static bool page_open(const struct cipher *cipher, uint8_t *page, size_t length, uint64_t number,
                      const uint8_t tag[PAGE_TAG])
{
    uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES], sum[PAGE_TAG];
    page_nonce(number, nonce);
    if (cipher->sealed)
        return crypto_aead_xchacha20poly1305_ietf_decrypt_detached(page, NULL, page, length, tag, NULL, 0, nonce,
                                                                   cipher->key) == 0;
    page_sum(page, length, sum);
    return memcmp(sum, tag, PAGE_TAG) == 0;
}

static void snapshot_head_encode(const struct snapshot_head *head, bool sealed, const uint8_t table[HASH],
                                 uint8_t out[FILE_HEAD])
{
    assert(strlen(head->journal.boot) <= BOOT);
    char boot[BOOT] = {0};
    const struct journal_head *journal = &head->journal;
    struct head_place place = {out};
    memcpy(boot, journal->boot, strlen(journal->boot));
    put_raw(&place, snapshot_magic, sizeof snapshot_magic);
    snapshot_put_word(&place, sealed ? SNAPSHOT_FORMAT | SNAPSHOT_SEALED : SNAPSHOT_FORMAT, 2);
    snapshot_put_word(&place, head->partition, 2);
    snapshot_put_word(&place, head->semantics, 4);
    snapshot_put_word(&place, PAGE, 4);
    snapshot_put_word(&place, journal->number, 8);
    snapshot_put_word(&place, journal->time_us, 8);
    snapshot_put_word(&place, journal->epoch, 8);
    snapshot_put_word(&place, journal->events, 8);
    snapshot_put_word(&place, (uint64_t)journal->clock_offset, 8);
    snapshot_put_word(&place, (uint64_t)journal->origin, 8);
    put_raw(&place, boot, BOOT);
    put_raw(&place, journal->previous, HASH);
    put_raw(&place, journal->first, HASH);
    snapshot_put_word(&place, head->seed, 8);
    snapshot_put_word(&place, head->interactions_max, 8);
    snapshot_put_word(&place, head->digest, 8);
    snapshot_put_word(&place, head->length, 8);
    put_raw(&place, table, HASH);
    crypto_generichash(place.at, HASH, out, (size_t)(place.at - out), NULL, 0);
    assert(place.at + HASH == out + FILE_HEAD);
}

static bool snapshot_refuse(struct error *error, enum error_code code, const char *why)
{
    return error_set(error, code, "%s", why);
}

static bool snapshot_head_decode(uint8_t in[FILE_HEAD], struct snapshot_head *head, bool *sealed, uint8_t table[HASH],
                                 struct error *error)
{
    char boot[BOOT];
    uint8_t hash[HASH];
    struct journal_head *journal = &head->journal;
    struct head_place place = {in + sizeof snapshot_magic};
    *head = (struct snapshot_head){0};
    if (memcmp(in, snapshot_magic, sizeof snapshot_magic) != 0)
        return snapshot_refuse(error, ERROR_INPUT, "it has no head: it is no snapshot, or was not written to its end");
    uint64_t format = snapshot_get_word(&place, 2);
    *sealed = format & SNAPSHOT_SEALED;
    format &= ~(uint64_t)SNAPSHOT_SEALED;
    if (format > SNAPSHOT_FORMAT)
        return error_set(error, ERROR_VERSION, "it has format %" PRIu64 "; this program reads %d", format,
                         SNAPSHOT_FORMAT);
    crypto_generichash(hash, HASH, in, FILE_HEAD - HASH, NULL, 0);
    if (memcmp(hash, in + FILE_HEAD - HASH, HASH) != 0)
        return snapshot_refuse(error, ERROR_INPUT, "its head was altered: its checksum is another");
    head->partition = (uint16_t)snapshot_get_word(&place, 2);
    head->semantics = (uint32_t)snapshot_get_word(&place, 4);
    uint64_t page = snapshot_get_word(&place, 4);
    journal->number = snapshot_get_word(&place, 8);
    journal->time_us = snapshot_get_word(&place, 8);
    journal->epoch = snapshot_get_word(&place, 8);
    journal->events = snapshot_get_word(&place, 8);
    journal->clock_offset = (int64_t)snapshot_get_word(&place, 8);
    journal->origin = (int64_t)snapshot_get_word(&place, 8);
    get_raw(&place, boot, BOOT);
    get_raw(&place, journal->previous, HASH);
    get_raw(&place, journal->first, HASH);
    head->seed = snapshot_get_word(&place, 8);
    head->interactions_max = snapshot_get_word(&place, 8);
    head->digest = snapshot_get_word(&place, 8);
    head->length = snapshot_get_word(&place, 8);
    get_raw(&place, table, HASH);
    memcpy(journal->boot, boot, sizeof journal->boot - 1);
    if (page != PAGE || journal->number == 0 || head->length > (uint64_t)1 << 46)
        return snapshot_refuse(error, ERROR_INPUT, "its head says what no head says");
    return true;
}

/* Writes bytes; the first failure is kept, and later writes do nothing. */
static bool snapshot_write_all(struct snapshot_writer *writer, const uint8_t *bytes, size_t length)
{
    if (writer->why == 0 && !file_put_all(writer->fd, bytes, length)) writer->why = errno;
    return writer->why == 0;
}

/* Creates the file; O_EXCL fails if a file of that name exists, which would be another writer's. The head's place is
 * left empty until the end, so that an incomplete file has no head. */
struct snapshot_writer *snapshot_writer_new(const char *path, struct error *error)
{
    struct snapshot_writer *writer = memory_zeroed(1, sizeof *writer);
    writer->page = memory_grown(NULL, PAGE, 1);
    writer->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct error why = {0};
    const uint8_t no_proof[HASH] = {0}; /* a placeholder until the head is known */
    struct keys *keys = writer->fd >= 0 ? keys_of(path, &why) : NULL;
    writer->cipher.sealed = keys;
    randombytes_buf(writer->cipher.salt, KEY_BYTES);
    if (keys) keys_derive(keys, KEYS_SNAPSHOT, writer->cipher.salt, writer->cipher.key);
    keys_close(keys);
    if (writer->fd >= 0 && why.code == ERROR_NONE && lseek(writer->fd, FILE_HEAD, SEEK_SET) == FILE_HEAD &&
        (!keys ||
         (snapshot_write_all(writer, writer->cipher.salt, KEY_BYTES) && snapshot_write_all(writer, no_proof, HASH))))
        return writer;
    if (why.code == ERROR_NONE) error_set(&why, ERROR_SYSTEM, "%.200s: %s", path, strerror(errno));
    if (error) *error = why;
    snapshot_writer_free(writer);
    return NULL;
}

void snapshot_writer_free(struct snapshot_writer *writer)
{
    if (!writer) return;
    if (writer->fd >= 0) close(writer->fd);
    sodium_memzero(writer->cipher.key, KEY_BYTES);
    free(writer->page);
    free(writer->table);
    free(writer);
}

/* Starts writing the page to the disk, and waits for one written long before. Early writing only spares other
 * processes' syncs; the result does not matter, because the end syncs everything. */
static void page_settle(const struct snapshot_writer *writer)
{
    off_t end = (off_t)(content_at(&writer->cipher) + writer->length);
    sync_file_range(writer->fd, end - PAGE, PAGE, SYNC_FILE_RANGE_WRITE);
    if (end > FILE_HEAD + BEHIND)
        sync_file_range(writer->fd, end - BEHIND - PAGE, PAGE,
                        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
}

static bool snapshot_page_write(struct snapshot_writer *writer)
{
    if (writer->pages * PAGE_TAG == writer->table_capacity) {
        writer->table_capacity = writer->table_capacity ? 2 * writer->table_capacity : 64 * PAGE_TAG;
        writer->table = memory_grown(writer->table, writer->table_capacity, 1);
    }
    page_close(&writer->cipher, writer->page, writer->filled, writer->pages, writer->table + writer->pages * PAGE_TAG);
    writer->pages++;
    if (!snapshot_write_all(writer, writer->page, writer->filled)) return false;
    writer->length += writer->filled;
    if (writer->filled == PAGE) page_settle(writer);
    writer->filled = 0;
    return true;
}

/* Called by the core for each piece of its state, of any length. */
bool snapshot_put(void *self, const void *bytes, size_t length)
{
    struct snapshot_writer *writer = self;
    const uint8_t *at = bytes;
    assert(writer->filled <= PAGE);
    while (length > 0) {
        size_t part = length < PAGE - writer->filled ? length : PAGE - writer->filled;
        memcpy(writer->page + writer->filled, at, part);
        writer->filled += part;
        at += part;
        length -= part;
        if (writer->filled == PAGE && !snapshot_page_write(writer)) return false;
    }
    return writer->why == 0;
}

/* Writes the last page, the table and the head, then syncs once. Until then the file is not a valid snapshot. */
bool snapshot_writer_end(struct snapshot_writer *writer, struct snapshot_head *head, struct error *error)
{
    uint8_t bytes[FILE_HEAD + KEY_BYTES + HASH], table[HASH];
    if (writer->filled > 0) snapshot_page_write(writer);
    assert(writer->pages * PAGE_TAG <= writer->table_capacity);
    crypto_generichash(table, HASH, writer->table, writer->pages * PAGE_TAG, NULL, 0);
    head->length = writer->length;
    snapshot_head_encode(head, writer->cipher.sealed, table, bytes);
    memcpy(bytes + FILE_HEAD, writer->cipher.salt, KEY_BYTES);
    proof_make(&writer->cipher, bytes, bytes + FILE_HEAD + KEY_BYTES);
    bool good = snapshot_write_all(writer, writer->table, writer->pages * PAGE_TAG) &&
                lseek(writer->fd, 0, SEEK_SET) == 0 && snapshot_write_all(writer, bytes, content_at(&writer->cipher)) &&
                fsync(writer->fd) == 0;
    if (!good) {
        if (writer->why != 0) errno = writer->why;
        error_set(error, ERROR_SYSTEM, "the snapshot cannot be written: %s", strerror(errno));
    }
    return good;
}

/* A snapshot file that is being read. */
struct source {
    struct cipher cipher;
    int fd;
    uint64_t size;
    uint8_t table[HASH];
};

static bool snapshot_read_at(int fd, void *bytes, size_t length, uint64_t offset, struct error *error)
{
    uint8_t *at = bytes;
    while (length > 0) {
        ssize_t got = pread(fd, at, length, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0)
            return error_set(error, ERROR_SYSTEM, "it cannot be read at byte %" PRIu64 ": %s", offset,
                             got < 0 ? strerror(errno) : "it ends there");
        at += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return true;
}

/* Checks what can be checked without keys. The file's length must be exactly what the head says, so a shortened or
 * lengthened file is refused at once. */
static bool source_look(struct source *source, const char *path, uint8_t bytes[FILE_HEAD], struct snapshot_head *head,
                        struct error *error)
{
    struct stat found;
    source->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0 || fstat(source->fd, &found) != 0) return error_set(error, ERROR_SYSTEM, "%s", strerror(errno));
    source->size = (uint64_t)found.st_size;
    if (source->size < FILE_HEAD)
        return snapshot_refuse(error, ERROR_INPUT, "it is cut short: a part of its head is missing");
    if (!snapshot_read_at(source->fd, bytes, FILE_HEAD, 0, error) ||
        !snapshot_head_decode(bytes, head, &source->cipher.sealed, source->table, error))
        return false;
    if (source->cipher.sealed &&
        (!snapshot_read_at(source->fd, source->cipher.salt, KEY_BYTES, FILE_HEAD, error) ||
         !snapshot_read_at(source->fd, source->cipher.proof, HASH, FILE_HEAD + KEY_BYTES, error)))
        return false;
    uint64_t pages = (head->length + PAGE - 1) / PAGE;
    uint64_t whole = content_at(&source->cipher) + head->length + pages * PAGE_TAG;
    if (source->size == whole) return true;
    return error_set(error, ERROR_INPUT, "it has %" PRIu64 " bytes, and %" PRIu64 " by its head: it was %s",
                     source->size, whole, source->size < whole ? "cut short" : "made longer");
}

static bool snapshot_source_open(struct source *source, const char *path, struct snapshot_head *head,
                                 struct error *error)
{
    uint8_t bytes[FILE_HEAD];
    *source = (struct source){.fd = -1};
    return source_look(source, path, bytes, head, error) && of_the_folder(&source->cipher, path, bytes, error);
}

static void source_close(struct source *source)
{
    sodium_memzero(source->cipher.key, KEY_BYTES);
    if (source->fd >= 0) close(source->fd);
}

struct snapshot_reader {
    struct source source;
    uint64_t length, pages;
    uint8_t *table;
    uint8_t *room; /* page N is at index N % ROOM */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock; /* protects the following members */
    pthread_cond_t changed;
    uint64_t opened, asked; /* how many pages were read and checked; how many snapshot_next() has handed out */
    bool wrong, stop;       /* wrong: page number `opened` is wrong, for the reason in the error */
    struct error why;
};

static bool snapshot_table_read(struct snapshot_reader *reader, struct error *error)
{
    const struct source *source = &reader->source;
    size_t size = (size_t)reader->pages * PAGE_TAG;
    uint8_t hash[HASH];
    reader->table = memory_grown(NULL, size > 0 ? size : 1, 1);
    if (!snapshot_read_at(source->fd, reader->table, size, content_at(&source->cipher) + reader->length, error))
        return false;
    crypto_generichash(hash, HASH, reader->table, size, NULL, 0);
    return memcmp(hash, source->table, HASH) == 0 ||
           snapshot_refuse(error, ERROR_INPUT, "its table of checksums, at its end, was altered");
}

static size_t page_length(const struct snapshot_reader *reader, uint64_t number)
{
    assert(number < reader->pages);
    uint64_t behind = reader->length - number * PAGE;
    return behind < PAGE ? (size_t)behind : PAGE;
}

static bool snapshot_page_read(const struct snapshot_reader *reader, uint64_t number, struct error *error)
{
    const struct cipher *cipher = &reader->source.cipher;
    uint8_t *page = reader->room + number % ROOM * PAGE;
    uint64_t in_file = content_at(cipher) + number * PAGE;
    size_t length = page_length(reader, number);
    if (!snapshot_read_at(reader->source.fd, page, length, in_file, error)) return false;
    if (page_open(cipher, page, length, number, reader->table + number * PAGE_TAG)) return true;
    return error_set(error, ERROR_INPUT, "it was altered between byte %" PRIu64 " and byte %" PRIu64 "%s", in_file,
                     in_file + length - 1, cipher->sealed ? ", or is of other keys" : "");
}

/* Reads ahead. The page that was handed out last is not touched. */
static void *pages_read(void *self)
{
    struct snapshot_reader *reader = self;
    pthread_mutex_lock(&reader->lock);
    while (!reader->stop && !reader->wrong && reader->opened < reader->pages) {
        if (reader->opened + 1 > reader->asked + ROOM - 1) {
            pthread_cond_wait(&reader->changed, &reader->lock);
            continue;
        }
        pthread_mutex_unlock(&reader->lock);
        bool good = snapshot_page_read(reader, reader->opened, &reader->why);
        pthread_mutex_lock(&reader->lock);
        reader->opened += good;
        reader->wrong = !good;
        pthread_cond_signal(&reader->changed);
    }
    pthread_mutex_unlock(&reader->lock);
    return NULL;
}

struct snapshot_reader *snapshot_reader_new(const char *path, struct snapshot_head *head, struct error *error)
{
    struct snapshot_reader *reader = memory_zeroed(1, sizeof *reader);
    pthread_mutex_init(&reader->lock, NULL);
    pthread_cond_init(&reader->changed, NULL);
    bool good = snapshot_source_open(&reader->source, path, head, error);
    reader->length = good ? head->length : 0;
    reader->pages = (reader->length + PAGE - 1) / PAGE;
    good = good && snapshot_table_read(reader, error);
    if (!good) {
        snapshot_reader_free(reader);
        return NULL;
    }
    reader->room = malloc((size_t)ROOM * PAGE);
    if (!reader->room || pthread_create(&reader->thread, NULL, pages_read, reader) != 0) abort();
    reader->running = true;
    return reader;
}

/* Returns the next page, valid until the next call. NULL at the end, or at a wrong page (snapshot_good says which). */
const uint8_t *snapshot_next(void *self, size_t *length)
{
    struct snapshot_reader *reader = self;
    assert(reader->running);
    pthread_mutex_lock(&reader->lock);
    uint64_t number = reader->asked;
    if (number < reader->pages) reader->asked++;
    pthread_cond_signal(&reader->changed);
    while (number < reader->pages && reader->opened <= number && !reader->wrong)
        pthread_cond_wait(&reader->changed, &reader->lock);
    bool there = number < reader->opened;
    pthread_mutex_unlock(&reader->lock);
    *length = there ? page_length(reader, number) : 0;
    return there ? reader->room + number % ROOM * PAGE : NULL;
}

bool snapshot_sealed(const struct snapshot_reader *reader)
{
    return reader->source.cipher.sealed;
}

bool snapshot_good(struct snapshot_reader *reader, struct error *error)
{
    pthread_mutex_lock(&reader->lock);
    bool good = !reader->wrong;
    pthread_mutex_unlock(&reader->lock);
    if (!good && error) *error = reader->why;
    return good;
}

void snapshot_reader_free(struct snapshot_reader *reader)
{
    if (!reader) return;
    pthread_mutex_lock(&reader->lock);
    reader->stop = true;
    pthread_cond_signal(&reader->changed);
    pthread_mutex_unlock(&reader->lock);
    if (reader->running) pthread_join(reader->thread, NULL);
    source_close(&reader->source);
    pthread_cond_destroy(&reader->changed);
    pthread_mutex_destroy(&reader->lock);
    free(reader->table);
    free(reader->room);
    free(reader);
}

bool snapshot_head_read(const char *path, struct snapshot_head *head, struct error *error)
{
    struct source source;
    bool good = snapshot_source_open(&source, path, head, error);
    source_close(&source);
    return good;
}

bool snapshot_check(const char *path, struct snapshot_head *head, struct error *error)
{
    size_t length;
    struct snapshot_reader *reader = snapshot_reader_new(path, head, error);
    while (reader && snapshot_next(reader, &length)) continue;
    bool good = reader && snapshot_good(reader, error);
    snapshot_reader_free(reader);
    return good;
}

/* Overwrites the salt before removing the file: without the salt the content cannot be decrypted, even if the disk
 * still has the bytes. */
bool snapshot_erase(const char *path)
{
    const uint8_t zeros[KEY_BYTES] = {0};
    uint8_t bytes[FILE_HEAD];
    struct source source = {.fd = -1};
    struct snapshot_head head;
    bool good = true;
    (void)source_look(&source, path, bytes, &head, NULL); /* a damaged snapshot is erased, too */
    if (source.cipher.sealed) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        good = fd >= 0 && pwrite(fd, zeros, KEY_BYTES, FILE_HEAD) == KEY_BYTES && fdatasync(fd) == 0;
        if (fd >= 0) close(fd);
    }
    source_close(&source);
    return good && unlink(path) == 0;
}

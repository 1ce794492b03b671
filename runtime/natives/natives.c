/* runtime/natives/natives.c - Reads, hashes and opens libraries of natives.
 *
 *     file --read once--> bytes --SHA-256--> the image's? --memfd, sealed--> dlopen --> dlsym, signature --> image
 *
 * The bytes that were hashed are the bytes that run: they are opened from a sealed copy in memory, so nobody can
 * replace the file between these two steps. A library stays open until the process ends, since a running image may
 * call it at any moment; it is opened once for each hash, even if several images use it. */
#include "runtime/natives/natives.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "vm/native.h"

_Static_assert((int)NATIVES_HASH == IMAGE_HASH && (int)NATIVES_HASH == crypto_hash_sha256_BYTES, "one hash");

struct allowed {
    char *library, *path;
};

/* A library that is open, until the process ends. The library's file descriptor stays open, too, because the loader
 * identifies the library by the descriptor's name. */
struct opened {
    uint8_t hash[IMAGE_HASH];
    void *handle;
};

struct natives {
    char *hint, *folder;
    bool twice;
    void (*tell)(void *self, const char *library, const char *path, const char *sha256);
    void *self;
    struct allowed *allowed;
    size_t allowed_count;
    struct opened *opened;
    size_t opened_count;
    pthread_mutex_t lock;
};

struct natives *natives_new(const char *hint, bool twice)
{
    struct natives *natives = memory_zeroed(1, sizeof *natives);
    natives->hint = memory_text(hint);
    natives->twice = twice;
    pthread_mutex_init(&natives->lock, NULL);
    return natives;
}

void natives_tell(struct natives *natives, void (*opened)(void *, const char *, const char *, const char *), void *self)
{
    natives->tell = opened;
    natives->self = self;
}

void natives_free(struct natives *natives)
{
    if (!natives) return;
    for (size_t i = 0; i < natives->allowed_count; i++) {
        free(natives->allowed[i].library);
        free(natives->allowed[i].path);
    }
    free(natives->allowed);
    free(natives->opened);
    free(natives->hint);
    free(natives->folder);
    pthread_mutex_destroy(&natives->lock);
    free(natives);
}

void natives_allow(struct natives *natives, const char *library, const char *path)
{
    assert(library && path);
    natives->allowed = memory_grown(natives->allowed, natives->allowed_count + 1, sizeof *natives->allowed);
    natives->allowed[natives->allowed_count++] = (struct allowed){memory_text(library), memory_text(path)};
}

void natives_allow_folder(struct natives *natives, const char *folder)
{
    free(natives->folder);
    natives->folder = memory_text(folder);
}

/* The path of the file number `index` that is allowed for the library, malloc'ed; NULL: there are no more. */
static char *path_at(const struct natives *natives, const char *library, size_t index)
{
    for (size_t i = 0; i < natives->allowed_count; i++)
        if (strcmp(natives->allowed[i].library, library) == 0 && index-- == 0)
            return memory_text(natives->allowed[i].path);
    if (!natives->folder || index != 0) return NULL;
    return memory_format("%s/%s.so", natives->folder, library);
}

static bool natives_off(const struct natives *natives, const char *library, struct error *error)
{
    char how[256] = "";
    size_t length = 0;
    for (const char *at = natives->hint; *at != '\0' && length < sizeof how; at++)
        length += (size_t)(*at == '%' ? snprintf(how + length, sizeof how - length, "%.63s", library)
                                      : snprintf(how + length, sizeof how - length, "%c", *at));
    return error_set(error, ERROR_UNAVAILABLE, "it calls natives of library %.63s, and these are off; %s", library,
                     how);
}

static char *library_read(const char *path, size_t *length, uint8_t hash[IMAGE_HASH], struct error *error)
{
    const char *why;
    char *bytes = file_read(path, NATIVES_LIBRARY_MAX, length, &why);
    if (!bytes)
        error_set(error, ERROR_UNAVAILABLE, "%.160s cannot be read: %s", path, why);
    else
        crypto_hash_sha256(hash, (const unsigned char *)bytes, *length);
    return bytes;
}

bool natives_hash(struct natives *natives, const char *library, uint8_t hash[IMAGE_HASH], struct error *error)
{
    size_t length;
    char *path = path_at(natives, library, 0);
    if (!path) return natives_off(natives, library, error);
    char *bytes = library_read(path, &length, hash, error);
    free(path);
    free(bytes);
    return bytes != NULL;
}

/* Opens a library from its bytes, by way of a file in memory. */
static void *open_bytes(const char *library, const char *bytes, size_t length, char *why, size_t size)
{
    char name[64];
    int fd = memfd_create(library, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || !file_put_all(fd, bytes, length) ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        snprintf(why, size, "no copy in memory: %s", strerror(errno));
        if (fd >= 0) close(fd);
        return NULL;
    }
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    const char *said = !handle ? dlerror() : NULL;
    if (!handle) {
        /* the message names the library's file; the name of the copy is removed */
        size_t own = strlen(name);
        if (said && strncmp(said, name, own) == 0 && strncmp(said + own, ": ", 2) == 0) said += own + 2;
        snprintf(why, size, "%s", said ? said : "");
        close(fd);
    }
    return handle;
}

static void *opened_find(const struct natives *natives, const uint8_t hash[IMAGE_HASH])
{
    for (size_t i = 0; i < natives->opened_count; i++)
        if (memcmp(natives->opened[i].hash, hash, IMAGE_HASH) == 0) return natives->opened[i].handle;
    return NULL;
}

/* Aborts the process if a native has called exit(): otherwise the end would seem intended, and nobody would start
 * gcxvm again. */
static void natives_on_exit(void)
{
    if (!native_runs()) return;
    fputs("a native has called exit(), which is a crash\n", stderr);
    abort();
}

static void natives_watch_exit(void)
{
    atexit(natives_on_exit);
}

static void opened_add(struct natives *natives, const char *library, const char *path, const uint8_t hash[IMAGE_HASH],
                       void *handle)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char digits[2 * IMAGE_HASH + 1];
    pthread_once(&once, natives_watch_exit);
    assert(handle && !opened_find(natives, hash));
    natives->opened = memory_grown(natives->opened, natives->opened_count + 1, sizeof *natives->opened);
    memcpy(natives->opened[natives->opened_count].hash, hash, IMAGE_HASH);
    natives->opened[natives->opened_count++].handle = handle;
    sodium_bin2hex(digits, sizeof digits, hash, IMAGE_HASH);
    if (natives->tell) natives->tell(natives->self, library, path, digits);
}

/* Returns the library with that hash: one that is open, or one of its files, which is opened then. */
static void *library_open(struct natives *natives, const char *library, const uint8_t wanted[IMAGE_HASH],
                          struct error *error)
{
    struct error why = {0};
    char *path, text[2 * IMAGE_HASH + 1], there[2 * IMAGE_HASH + 1];
    uint8_t hash[IMAGE_HASH];
    size_t length, index = 0;
    /* a library that is open must still be allowed: it is not enough that it was once */
    for (; (path = path_at(natives, library, index)); index++) {
        char *bytes = library_read(path, &length, hash, index == 0 ? error : &why);
        bool same = bytes && memcmp(hash, wanted, IMAGE_HASH) == 0;
        if (bytes && !same && index == 0) {
            sodium_bin2hex(text, sizeof text, wanted, IMAGE_HASH);
            sodium_bin2hex(there, sizeof there, hash, IMAGE_HASH);
            error_set(error, ERROR_INPUT, "it calls natives of library %.63s with SHA-256 %s, not %s as in %.100s",
                      library, text, there, path);
        }
        void *handle = same ? opened_find(natives, hash) : NULL;
        char said[200];
        if (same && !handle && (handle = open_bytes(library, bytes, length, said, sizeof said)))
            opened_add(natives, library, path, hash, handle);
        else if (same && !handle)
            error_set(error, ERROR_UNAVAILABLE, "%.100s cannot be loaded: %.150s", path, said);
        free(bytes);
        free(path);
        if (same) return handle;
    }
    if (index == 0) natives_off(natives, library, error);
    return NULL;
}

/* Do two rows name the same library? Rows of one library mostly follow each other. */
static bool same_library(const struct image_native *row, const struct image_native *before)
{
    return row->library.offset == before->library.offset && row->library.length == before->library.length;
}

/* Binds one native of an image. `library_handle`: the library of the row before; it is set to that of this row. */
static bool bind_one(struct natives *natives, struct image *image, uint32_t number, void **library_handle,
                     struct error *error)
{
    assert(number < image_count(image, SECTION_NATIVES));
    const struct image_native *row = image_native(image, number);
    struct text library = image_text(image, row->library), name = image_text(image, row->name);
    char called[NATIVE_NAME_MAX + 1], symbol[sizeof NATIVE_PREFIX_SIGNATURE + NATIVE_NAME_MAX];
    char wanted[NATIVE_SIGNATURE_MAX];
    snprintf(called, sizeof called, "%.*s", (int)library.length, library.bytes);
    bool same = number > 0 && same_library(row, image_native(image, number - 1));
    void *handle = same ? *library_handle : library_open(natives, called, row->hash, error);
    if (!handle) return false;
    *library_handle = handle;
    snprintf(symbol, sizeof symbol, NATIVE_PREFIX "%.*s", (int)name.length, name.bytes);
    union {
        void *found;
        void (*function)(void);
    } address = {.found = dlsym(handle, symbol)};
    if (!address.found) return error_set(error, ERROR_UNKNOWN, "library %s has no function %s", called, symbol);
    snprintf(symbol, sizeof symbol, NATIVE_PREFIX_SIGNATURE "%.*s", (int)name.length, name.bytes);
    const char *signature = dlsym(handle, symbol);
    native_signature(row, wanted);
    if (!signature) { /* without a signature an image could pass any arguments */
        return error_set(error, ERROR_INPUT,
                         "library %s does not say what %.*s takes: include the header of `gcxc headers`", called,
                         (int)name.length, name.bytes);
    }
    if (strncmp(signature, wanted, sizeof wanted) != 0)
        return error_set(error, ERROR_INPUT, "library %s has %.*s as %.100s, and %s is called", called,
                         (int)name.length, name.bytes, signature, wanted);
    native_bind(image, number, address.function, natives->twice);
    return true;
}

bool natives_bind(void *self, struct image *image, struct error *error)
{
    struct natives *natives = self;
    assert(natives && image);
    bool good = true;
    void *handle = NULL;
    pthread_mutex_lock(&natives->lock);
    for (uint32_t i = 0; i < image_count(image, SECTION_NATIVES) && good; i++)
        good = bind_one(natives, image, i, &handle, error);
    pthread_mutex_unlock(&natives->lock);
    return good;
}

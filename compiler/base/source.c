/* compiler/base/source.c - Reading source files, and finding lines and columns in them.
 *
 * All files of a compilation share one range of offsets, one file after the other: a span is two numbers and needs
 * no file. Lines are found by binary search; in a line with other than ASCII characters a count is noted every so
 * many bytes, so that columns of a very long line are found fast. An overlay (an editor's unsaved text) replaces the
 * file of that path. */
#include "compiler/base/source.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/inside.h"
#include "base/utf8.h"

struct entry {
    struct source source;
    dev_t device; /* device and inode identify the file; both 0 for a text that is no file */
    ino_t inode;
    struct entry *next;
};

struct source_set {
    struct arena *arena;
    struct entry *first, *last;
    uint32_t next_base;
    const struct source_overlay *overlay; /* perhaps NULL */
};

struct source_set *source_set_new(struct arena *arena)
{
    struct source_set *sources = ARENA_NEW(arena, struct source_set);
    sources->arena = arena;
    sources->next_base = 1;
    return sources;
}

void source_set_overlay(struct source_set *sources, const struct source_overlay *overlay)
{
    sources->overlay = overlay;
}

static void map_lines(struct arena *arena, struct source *source)
{
    const char *text = source->text, *end = text + source->length;
    uint32_t count = 1;
    for (const char *at = text; (at = memchr(at, '\n', (size_t)(end - at))); at++) count++;
    source->lines = ARENA_ARRAY(arena, uint32_t, count);
    source->line_count = count;
    uint32_t line = 1;
    for (const char *at = text; (at = memchr(at, '\n', (size_t)(end - at))); at++)
        source->lines[line++] = (uint32_t)(at - text) + 1;
}

static uint32_t source_continuations(const struct source *source, uint32_t from, uint32_t to)
{
    uint32_t count = 0;
    for (uint32_t i = from + (uint32_t)utf8_ascii(source->text + from, to - from); i < to; i++)
        count += ((unsigned char)source->text[i] & 0xC0) == 0x80;
    return count;
}

/* Counts the continuation bytes before each mark, so that a column is found fast, however long its line is. */
static void map_characters(struct arena *arena, struct source *source)
{
    source->marks = ARENA_ARRAY(arena, uint32_t, source->length / SOURCE_MARK + 1);
    source->marks[0] = 0;
    for (uint32_t i = 1; i <= source->length / SOURCE_MARK; i++)
        source->marks[i] = source->marks[i - 1] + source_continuations(source, (i - 1) * SOURCE_MARK, i * SOURCE_MARK);
}

/* Returns how many characters of the source are before the byte: continuation bytes are not counted. */
static uint32_t characters_before(const struct source *source, uint32_t at)
{
    assert(at <= source->length);
    uint32_t mark = at / SOURCE_MARK;
    return at - source->marks[mark] - source_continuations(source, mark * SOURCE_MARK, at);
}

/* Adds a source whose text is in the arena already. */
static struct source *source_set_put(struct source_set *sources, const char *path, const char *text, size_t length)
{
    assert(length <= SOURCE_LIMIT && sources->next_base < UINT32_MAX - 2 * SOURCE_LIMIT);
    struct entry *entry = ARENA_NEW(sources->arena, struct entry);
    entry->source = (struct source){
        .path = arena_copy(sources->arena, path, strlen(path)),
        .text = text,
        .length = (uint32_t)length,
        .base = sources->next_base,
    };
    map_lines(sources->arena, &entry->source);
    map_characters(sources->arena, &entry->source);
    /* + 1: the end of one file is another offset than the next file's beginning */
    sources->next_base += (uint32_t)length + 1;
    if (sources->last)
        sources->last->next = entry;
    else
        sources->first = entry;
    sources->last = entry;
    return &entry->source;
}

struct source *source_set_add(struct source_set *sources, const char *path, const char *text, size_t length)
{
    assert(length <= SOURCE_LIMIT);
    return source_set_put(sources, path, arena_copy(sources->arena, text, length), length);
}

FILE *source_open(const char *path, struct stat *status, const char **why)
{
    if (!inside_allows(path)) {
        *why = INSIDE_REFUSES;
        return NULL;
    }
    /* Without O_NONBLOCK, opening a pipe would wait for its writer. */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *file =
        descriptor >= 0 && fstat(descriptor, status) == 0 && S_ISREG(status->st_mode) ? fdopen(descriptor, "rb") : NULL;
    if (file) return file;
    *why = descriptor >= 0 && !S_ISREG(status->st_mode) ? "it is not a regular file" : strerror(errno);
    if (descriptor >= 0) close(descriptor);
    return NULL;
}

/* Reads the whole of a regular file; otherwise returns NULL and sets *why. The size is the one that fstat() reports.
 * If the file grows meanwhile, only its first part is read; reading while an editor is writing gives no more than a
 * part in any case. */
static char *source_read_all(struct arena *arena, FILE *file, const struct stat *status, size_t *length,
                             const char **why)
{
    if (status->st_size > SOURCE_LIMIT) {
        *why = arena_printf(arena, "it has more than %d MB", SOURCE_LIMIT / (1024 * 1024));
        return NULL;
    }
    char *text = arena_alloc(arena, (size_t)status->st_size + 1);
    *length = fread(text, 1, (size_t)status->st_size, file);
    if (ferror(file)) {
        *why = strerror(errno);
        return NULL;
    }
    if (*length >= 4 && memcmp(text, "GCXB", 4) == 0) {
        *why = "it is an image, as gcxc build makes them; name the source that it was built from";
        return NULL;
    }
    return text;
}

/* An overlay's text still gets the device and inode of its stored file: an import by another path, or through a link,
 * then finds that it has been read already (source_set_find). */
const struct source *source_set_read(struct source_set *sources, const char *path, const char **why)
{
    if (sources->next_base >= UINT32_MAX - 2 * SOURCE_LIMIT) {
        *why = "the sources of this compilation are too large together";
        return NULL;
    }
    size_t length = 0;
    const char *open = sources->overlay ? sources->overlay->read(sources->overlay->self, path, &length) : NULL;
    struct stat status = {0};
    if (open) {
        const struct source *source = source_set_add(sources, path, open, length);
        if (stat(path, &status) != 0) return source; /* the editor's file has not been saved yet */
        sources->last->device = status.st_dev;
        sources->last->inode = status.st_ino;
        return source;
    }
    FILE *file = source_open(path, &status, why);
    if (!file) {
        *why = arena_printf(sources->arena, "%s", *why);
        return NULL;
    }
    char *text = source_read_all(sources->arena, file, &status, &length, why);
    fclose(file);
    if (!text) return NULL;
    const struct source *source = source_set_put(sources, path, text, length);
    sources->last->device = status.st_dev;
    sources->last->inode = status.st_ino;
    return source;
}

const struct source *source_set_find(const struct source_set *sources, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) return NULL;
    for (const struct entry *entry = sources->first; entry; entry = entry->next)
        if (entry->inode == status.st_ino && entry->device == status.st_dev) return &entry->source;
    return NULL;
}

const struct source *source_set_at(const struct source_set *sources, uint32_t offset)
{
    for (const struct entry *entry = sources->first; entry && offset; entry = entry->next)
        if (offset >= entry->source.base && offset - entry->source.base <= entry->source.length) return &entry->source;
    return NULL;
}

/* Returns the line by binary search, as each diagnostic, each token of the formatter and each answer of the server
 * asks for a line. */
uint32_t source_line_at(const struct source *source, uint32_t at)
{
    uint32_t low = 0, high = source->line_count; /* lines[low] <= at < lines[high] */
    assert(source->line_count > 0 && at <= source->length);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct position source_set_position(const struct source_set *sources, uint32_t offset)
{
    const struct source *source = source_set_at(sources, offset);
    if (!source) return (struct position){0};
    uint32_t at = offset - source->base, line = source_line_at(source, at);
    uint32_t begin = source->lines[line], column = 1 + at - begin;
    if (at - begin < SOURCE_MARK)
        column -= source_continuations(source, begin, at);
    else
        column = 1 + characters_before(source, at) - characters_before(source, begin);
    return (struct position){source, line + 1, column};
}

const char *source_line(const struct source *source, uint32_t line, size_t *length)
{
    assert(line >= 1 && line <= source->line_count);
    uint32_t begin = source->lines[line - 1];
    uint32_t end = line < source->line_count ? source->lines[line] - 1 : source->length;
    if (end > begin && source->text[end - 1] == '\r') end--;
    *length = end - begin;
    return source->text + begin;
}

struct source_span span_join(struct source_span a, struct source_span b)
{
    if (!a.begin) return b;
    if (!b.begin) return a;
    return (struct source_span){a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

size_t source_utf8_check(const char *bytes, size_t length)
{
    size_t at = 0;
    while ((at += utf8_ascii(bytes + at, length - at)) < length) {
        uint32_t step = utf8_character((const uint8_t *)bytes + at, length - at);
        if (step == 0 && bytes[at] != '\0') break;
        at += step > 0 ? step : 1;
    }
    return at;
}

/* runtime/web/saved.c - Owns a file of rows: appends to it, reads it at the start, rewrites it. */
#include "runtime/web/saved.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapter/gcx_adapter.h"
#include "base/memory.h"

enum { LINES_LEAST = 200 };

struct saved_row {
    char *line;
    off_t at; /* offset of the line in the file; -1: it is not in the file */
};

struct saved {
    char *path;
    FILE *file;
    GHashTable *open;       /* of rows, by id */
    unsigned lines;         /* in the file */
    unsigned read, damaged; /* lines read at the start, and how many of these were no rows */
    unsigned first_damaged; /* line number of the first damaged line */
};

static char *saved_line_of(const char *id, json_t *row)
{
    json_object_set_new(row, "id", json_string(id));
    char *text = json_dumps(row, JSON_COMPACT);
    json_decref(row);
    return text;
}

static void saved_row_free(void *self)
{
    struct saved_row *row = self;
    free(row->line);
    free(row);
}

static void saved_open_put(struct saved *saved, const char *id, char *line, off_t at)
{
    struct saved_row *row = memory_zeroed(1, sizeof *row);
    *row = (struct saved_row){line, at};
    g_hash_table_insert(saved->open, g_strdup(id), row);
}

/* Appends a line to the file; `*at`: its offset there. If the disk is full, nothing of the line remains, so that the
 * next line begins at a line's start. */
static bool saved_append(struct saved *saved, const char *line, off_t *at)
{
    assert(saved->file && !strchr(line, '\n')); /* a row is one line */
    int file = fileno(saved->file);
    char *whole = g_strconcat(line, "\n", NULL);
    size_t length = strlen(whole);
    saved->lines++;
    *at = lseek(file, 0, SEEK_END);
    bool good = *at >= 0 && pwrite(file, whole, length, *at) == (ssize_t)length;
    if (!good && *at >= 0 && ftruncate(file, *at) != 0) *at = -1;
    g_free(whole);
    return good;
}

/* Overwrites an old line with blanks; such a line is ignored when the file is read. */
static bool saved_blank(const struct saved *saved, const struct saved_row *row)
{
    size_t length = strlen(row->line);
    if (row->at < 0) return true;
    char *blanks = g_strnfill(length, ' ');
    bool good = pwrite(fileno(saved->file), blanks, length, row->at) == (ssize_t)length;
    g_free(blanks);
    return good;
}

/* Creates the file so that no other user can ever read it. An unfinished file that an earlier process left is
 * removed. NULL: errno. */
static FILE *saved_begin(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT) return NULL;
    int file = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    return file < 0 ? NULL : fdopen(file, "w+");
}

/* Rewrites the file with the rows that are not over. */
static bool saved_rewrite(struct saved *saved)
{
    char *fresh = g_strconcat(saved->path, ".new", NULL);
    FILE *file = saved_begin(fresh), *before = saved->file;
    GHashTableIter at;
    gpointer found;
    bool good = file != NULL;
    saved->file = file;
    saved->lines = 0;
    g_hash_table_iter_init(&at, saved->open);
    while (good && g_hash_table_iter_next(&at, NULL, &found)) {
        struct saved_row *row = found;
        good = saved_append(saved, row->line, &row->at);
    }
    good = good && rename(fresh, saved->path) == 0;
    if (file && !good) fclose(file);
    if (good && before) fclose(before);
    if (!good) {
        saved->file = before;
        /* the rows' offsets are already those in the new file, which could not be written: in this file they have
         * none */
        g_hash_table_iter_init(&at, saved->open);
        while (g_hash_table_iter_next(&at, NULL, &found)) ((struct saved_row *)found)->at = -1;
    }
    g_free(fresh);
    return good;
}

/* Reads a line of the file; a blank one belonged to a row that has changed. */
static void saved_take(struct saved *saved, const char *line, size_t length)
{
    saved->read++;
    if (strspn(line, " ") == length) return;
    json_t *row = json_loads(line, 0, NULL);
    const char *id = json_string_value(json_object_get(row, "id"));
    if (id && !*id) id = NULL; /* an empty id was not written by this program */
    if (id && json_is_true(json_object_get(row, "over")))
        g_hash_table_remove(saved->open, id);
    else if (id)
        saved_open_put(saved, id, strdup(line), -1);
    else if (saved->damaged++ == 0)
        saved->first_damaged = saved->read;
    json_decref(row);
}

/* Reads all rows of the file; false: errno has the reason. */
static bool saved_take_all(struct saved *saved)
{
    FILE *file = fopen(saved->path, "re");
    char *line = NULL;
    size_t size = 0;
    ssize_t length;
    if (!file) return errno == ENOENT;
    while ((length = getline(&line, &size, file)) > 0)
        if (line[length - 1] == '\n') {
            line[length - 1] = 0;
            saved_take(saved, line, (size_t)length - 1);
        }
    bool good = !ferror(file);
    free(line);
    fclose(file);
    return good;
}

/* Logs the damaged lines before the file is rewritten without them, so that they are reported even if the process is
 * killed meanwhile. */
static void saved_tells(const struct saved *saved, struct gcx_link *link, const struct gcx_services *services)
{
    if (saved->damaged == 0) return;
    services->log(link, GCX_LOG_ERROR, 0, 0,
                  "state: %s: %u of %u lines are damaged, line %u first: what they said is lost", saved->path,
                  saved->damaged, saved->read, saved->first_damaged);
}

struct saved *saved_open(const char *path, struct gcx_link *link, const struct gcx_services *services,
                         bool (*each)(void *self, const json_t *row), void *self, char *why, size_t why_size)
{
    struct saved *saved = memory_zeroed(1, sizeof *saved);
    GHashTableIter at;
    gpointer id, found;
    saved->path = g_strdup(path);
    saved->open = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, saved_row_free);
    bool good = saved_take_all(saved);
    if (good) saved_tells(saved, link, services);
    if (!good || !saved_rewrite(saved)) {
        snprintf(why, why_size, "%s: %s", path, strerror(errno));
        saved_close(saved);
        return NULL;
    }
    GPtrArray *useless = g_ptr_array_new_with_free_func(g_free);
    g_hash_table_iter_init(&at, saved->open);
    while (g_hash_table_iter_next(&at, &id, &found)) {
        json_t *row = json_loads(((const struct saved_row *)found)->line, 0, NULL);
        assert(row); /* the line was read as JSON when the file was read */
        if (!each(self, row)) g_ptr_array_add(useless, g_strdup(id));
        json_decref(row);
    }
    for (guint i = 0; i < useless->len; i++) (void)saved_over(saved, useless->pdata[i]);
    g_ptr_array_unref(useless);
    return saved;
}

void saved_close(struct saved *saved)
{
    if (!saved) return;
    if (saved->file) fclose(saved->file);
    g_hash_table_destroy(saved->open);
    g_free(saved->path);
    free(saved);
}

bool saved_put(struct saved *saved, const char *id, json_t *row)
{
    assert(*id && json_is_object(row));
    char *line = saved_line_of(id, row);
    /* the row has text that is not UTF-8, so it cannot be saved: it is lost when the process ends */
    if (!line) return true;
    const struct saved_row *before = g_hash_table_lookup(saved->open, id);
    off_t at;
    bool good = saved_append(saved, line, &at) && (!before || saved_blank(saved, before));
    saved_open_put(saved, id, line, good ? at : -1);
    return good;
}

bool saved_over(struct saved *saved, const char *id)
{
    const struct saved_row *row = g_hash_table_lookup(saved->open, id);
    if (!row) return true;
    bool anew = saved->lines > LINES_LEAST + 2 * g_hash_table_size(saved->open);
    char *line = anew ? NULL : saved_line_of(id, json_pack("{s:b}", "over", 1));
    off_t at;
    bool good = anew || (saved_append(saved, line, &at) && saved_blank(saved, row));
    g_hash_table_remove(saved->open, id);
    free(line);
    return anew ? saved_rewrite(saved) : good;
}

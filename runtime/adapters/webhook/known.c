/* runtime/adapters/webhook/known.c - The last messages, by digests of their names: a name may have an address in it,
 * and who is erased is in no file.
 *
 * The file has a line for each. It is written anew with those that are still known once it has twice as many. */
#include "runtime/adapters/webhook/known.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/vocabulary/why.h"

enum { KNOWN_MAX = 50000, DIGEST = 16, LINE = 2 * DIGEST };

struct known {
    GHashTable *digests;
    GQueue order; /* the same texts, the oldest first */
    char *path;
    FILE *file;
    unsigned lines;
    bool torn; /* its last line may be cut off */
};

static void known_digest(const char *id, char line[LINE + 1])
{
    unsigned char digest[DIGEST];
    crypto_generichash(digest, sizeof digest, (const unsigned char *)id, strlen(id), NULL, 0);
    sodium_bin2hex(line, LINE + 1, digest, sizeof digest);
}

static bool known_put(struct known *known, const char *line)
{
    char *own = g_strdup(line);
    if (!g_hash_table_add(known->digests, own)) return false;
    g_queue_push_tail(&known->order, own);
    if (g_queue_get_length(&known->order) > KNOWN_MAX)
        g_hash_table_remove(known->digests, g_queue_pop_head(&known->order));
    return true;
}

/* A line that was cut off is none. */
static void known_read(struct known *known)
{
    char *text = NULL;
    if (!g_file_get_contents(known->path, &text, NULL, NULL)) return;
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++, known->lines++)
        if (strlen(*line) == LINE) known_put(known, *line);
    known->torn = *text && !g_str_has_suffix(text, "\n");
    g_strfreev(lines);
    g_free(text);
}

static bool known_write_anew(struct known *known)
{
    GString *text = g_string_new(NULL);
    for (const GList *one = known->order.head; one; one = one->next)
        g_string_append_printf(text, "%s\n", (const char *)one->data);
    bool good =
        g_file_set_contents_full(known->path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
    g_string_free(text, TRUE);
    if (!good) return false;
    if (known->file) fclose(known->file);
    known->file = fopen(known->path, "ae");
    known->lines = g_queue_get_length(&known->order);
    return known->file != NULL;
}

struct known *known_open(const char *state, const char *name, char *why, size_t why_size)
{
    struct known *known = g_new0(struct known, 1);
    known->digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!*state) return known;
    known->path = g_strconcat(state, name, NULL);
    known_read(known);
    int file = open(known->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    known->file = file < 0 ? NULL : fdopen(file, "a");
    if (known->file && (known->lines <= 2 * KNOWN_MAX || known_write_anew(known))) return known;
    why_set(why, why_size, "state: %s: %s", known->path, g_strerror(errno));
    known_free(known);
    return NULL;
}

void known_free(struct known *known)
{
    if (!known) return;
    if (known->file) fclose(known->file);
    g_queue_clear(&known->order);
    g_hash_table_destroy(known->digests);
    g_free(known->path);
    g_free(known);
}

bool known_has(const struct known *known, const char *id)
{
    char line[LINE + 1];
    known_digest(id, line);
    return g_hash_table_contains(known->digests, line);
}

bool known_add(struct known *known, const char *id)
{
    char line[LINE + 1];
    known_digest(id, line);
    if (!known_put(known, line) || !known->path) return true;
    if (++known->lines > 2 * KNOWN_MAX) return known_write_anew(known);
    bool good =
        known->file && fprintf(known->file, "%s%s\n", known->torn ? "\n" : "", line) > 0 && fflush(known->file) == 0;
    known->torn = !good;
    if (!good) g_hash_table_remove(known->digests, g_queue_pop_tail(&known->order)); /* it may be said again */
    return good;
}

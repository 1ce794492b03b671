/* runtime/adapters/webhook/before.c - Takes over the files of an earlier version. FILE.known had digests of the names
 * of the last messages, a line each; FILE.peers a row for each sent message, by the network's name for it; FILE.cursor
 * the place up to which the network had been polled. */
#include "runtime/adapters/webhook/webhook.h"

#include <sodium.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/state_files.h"
#include "base/why.h"
#include "runtime/web/saved.h"

enum { DIGEST = 16, LINE = 2 * DIGEST };

struct before {
    const struct webhook *webhook;
    GArray *rows; /* of struct post_before */
};

/* Writes the digest of a line; the digested name begins with the name of this adapter, `us`. */
static void known_name(const char *us, const char *line, char digest[POST_DIGEST])
{
    snprintf(digest, POST_DIGEST, "known:%.*s:%s", WEBHOOK_US - 1, us, line);
}

void before_digest(const struct post_item *item, char digest[POST_DIGEST])
{
    unsigned char hash[DIGEST];
    char line[LINE + 1];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)item->peer_id, strlen(item->peer_id), NULL, 0);
    known_name(item->own, sodium_bin2hex(line, sizeof line, hash, sizeof hash), digest);
}

/* Reads the file; a last line that was cut off is ignored. */
static bool known_read(struct before *before, const char *path, char *why, size_t why_size)
{
    char *text = NULL;
    GError *error = NULL;
    if (access(path, F_OK) != 0) return true;
    if (!g_file_get_contents(path, &text, NULL, &error)) {
        (void)why_set(why, why_size, "state: %s", error->message);
        g_error_free(error);
        return false;
    }
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        struct post_before row = {.known = ""};
        if (strlen(*line) != LINE) continue;
        known_name(before->webhook->us, *line, row.known);
        g_array_append_val(before->rows, row);
    }
    g_strfreev(lines);
    g_free(text);
    return true;
}

static bool peer_read(void *self, const json_t *saved)
{
    struct before *before = self;
    const char *id = json_string_value(json_object_get(saved, "id")),
               *msg_id = json_string_value(json_object_get(saved, "msg_id"));
    struct post_before row = {.ixn = (uint64_t)json_integer_value(json_object_get(saved, "ixn"))};
    if (!id || !msg_id || !text_set(row.msg_id, sizeof row.msg_id, msg_id)) {
        before->webhook->services->log(before->webhook->link, GCX_LOG_ERROR, 0, 0,
                                       "message %s: what an earlier version has left of it is of no use", id ? id : "");
        return true;
    }
    row.state = json_is_true(json_object_get(saved, "arrived")) ? POST_OUT_delivered : POST_OUT_given;
    before->webhook->post_way.names(before->webhook, id, row.form);
    g_array_append_val(before->rows, row);
    return true;
}

static bool peers_read(struct before *before, const char *path, char *why, size_t why_size)
{
    char reason[200];
    if (access(path, F_OK) != 0) return true;
    struct saved *peers =
        saved_open(path, before->webhook->link, before->webhook->services, peer_read, before, reason, sizeof reason);
    if (!peers) return why_set(why, why_size, "state: %s", reason);
    saved_close(peers);
    return true;
}

bool before_takes_over(struct webhook *webhook, char *why, size_t why_size)
{
    const char *state = webhook->setting.state;
    char *known = g_strconcat(state, state_endings.known, NULL), *peers = g_strconcat(state, state_endings.peers, NULL);
    struct before before = {webhook, g_array_new(FALSE, FALSE, sizeof(struct post_before))};
    bool there = *state && (access(known, F_OK) == 0 || access(peers, F_OK) == 0);
    bool good = !there || (known_read(&before, known, why, why_size) && peers_read(&before, peers, why, why_size) &&
                           office_takes_over(webhook->office, (const struct post_before *)before.rows->data,
                                             before.rows->len, why, why_size));
    if (there && good) unlink(known), unlink(peers);
    g_array_free(before.rows, TRUE);
    g_free(known), g_free(peers);
    return good;
}

char *webhook_cursor_row(const char *cursor)
{
    json_t *row = json_pack("{s:s}", "cursor", cursor);
    char *saved = json_dumps(row, JSON_COMPACT);
    json_decref(row);
    return saved;
}

/* Reads the cursor. `*cursor` NULL: the file is useless, which is logged, and the network is polled from the
 * beginning: the file is removed, since it would be useless at the next start too. False: the file exists and cannot
 * be read now, because of its permissions or the disk, and the plugin does not start: otherwise messages of long ago
 * would come once more. */
static bool before_cursor_read(const struct webhook *webhook, const char *path, char **cursor, char *why,
                               size_t why_size)
{
    GError *error = NULL;
    *cursor = NULL;
    bool read = g_file_get_contents(path, cursor, NULL, &error);
    if (!read && !g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR)) {
        (void)why_set(why, why_size, "state: %s", error->message);
        g_clear_error(&error);
        return false;
    }
    if (read && *g_strstrip(*cursor) && g_utf8_validate(*cursor, -1, NULL)) return true;
    webhook->services->log(webhook->link, GCX_LOG_ERROR, 0, 0,
                           "cursor: %s is of no use, and the network is asked without it: %s", path,
                           !read      ? error->message
                           : **cursor ? "it is no UTF-8"
                                      : "it is empty");
    g_clear_error(&error);
    g_clear_pointer(cursor, g_free);
    return true;
}

bool before_cursor(struct conversations *all, const struct memo_owner *of, char *why, size_t why_size)
{
    const struct webhook *webhook = all->self;
    char *path = g_strconcat(webhook->setting.state, state_endings.cursor, NULL);
    bool there = *webhook->setting.state && access(path, F_OK) == 0, good = true;
    if (there) {
        struct error error;
        char *cursor;
        good = before_cursor_read(webhook, path, &cursor, why, why_size);
        char *saved = cursor ? webhook_cursor_row(cursor) : NULL;
        const struct memo memo = {.name = webhook->us, .saved = saved};
        int64_t now = (int64_t)all->services->wall_us(all->link);
        if (saved && !memo_add(office_store(all->office), of, &memo, now, &error))
            good = why_set(why, why_size, "store: %s", error.text);
        else if (good)
            good = remove(path) == 0 || why_set(why, why_size, "state: %s: %s", path, strerror(errno));
        free(saved), g_free(cursor);
    }
    g_free(path);
    return good;
}

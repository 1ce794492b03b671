/* runtime/adapters/desk/lists.c - Wrap-up codes and tags that supervisors change: the keys of tables of the site, which
 * the settings `wrapups_table` and `tags_table` name, stand behind the words of the settings `wrapups` and `tags`.
 *
 *     gcxvm's table  -- asked every LISTS_S seconds -->  the words  -- the message `lists` -->  pages
 *
 * Who has changed a table, when and why, is the router's to tell, as of each of its settings. */
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/web/origins.h"

enum { LISTS_S = 3, LIST_WORDS_MAX = 200 };

static json_t *lists_message(const struct desk *desk)
{
    json_t *message = json_pack("{s:s, s:[], s:[]}", "type", "lists", "wrapups", "tags");
    char *const *const of[] = {desk->setting.all_wrapups, desk->setting.all_tags};
    static const char *const names[] = {"wrapups", "tags"};
    for (size_t i = 0; i < G_N_ELEMENTS(of); i++)
        for (char *const *word = of[i]; *word; word++)
            json_array_append_new(json_object_get(message, names[i]), json_string(*word));
    return message;
}

void lists_tell(struct desk_agent *agent)
{
    const struct desk_setting *setting = &agent->desk->setting;
    if (*setting->wrapups_table || *setting->tags_table) agent_tell(agent, lists_message(agent->desk));
}

/* Puts the keys of the rows behind the words. A key with a comma would be two of them. */
static char **lists_words(const char *words, const json_t *rows)
{
    GPtrArray *all = g_ptr_array_new();
    char **first = web_words_read(words);
    for (char **word = first; *word; word++) g_ptr_array_add(all, *word);
    g_free(first);
    for (size_t i = 0; i < json_array_size(rows) && all->len < LIST_WORDS_MAX; i++) {
        const char *key = desk_text(json_array_get(rows, i), "key");
        bool known = !*key || strchr(key, ',') || strlen(key) >= NAME_SIZE;
        for (guint at = 0; at < all->len && !known; at++) known = strcmp(g_ptr_array_index(all, at), key) == 0;
        if (!known) g_ptr_array_add(all, g_strdup(key));
    }
    g_ptr_array_add(all, NULL);
    return (char **)g_ptr_array_free(all, FALSE);
}

/* Takes what gcxvm says of a table. What it does not say stays as it was. */
static void lists_told(struct desk *desk, const json_t *answer, const char *words, char ***all)
{
    const json_t *rows = json_object_get(answer, "rows");
    if (!json_is_array(rows)) return;
    char **now = lists_words(words, rows);
    if (g_strv_equal((const char *const *)now, (const char *const *)*all)) {
        g_strfreev(now);
        return;
    }
    g_strfreev(*all);
    *all = now;
    agents_tell(desk, lists_message(desk));
}

static void lists_wrapups_told(struct desk *desk, const json_t *answer)
{
    lists_told(desk, answer, desk->setting.wrapups, &desk->setting.all_wrapups);
}

static void lists_tags_told(struct desk *desk, const json_t *answer)
{
    lists_told(desk, answer, desk->setting.tags, &desk->setting.all_tags);
}

static void lists_ask(struct desk *desk, const char *table, look_then *told)
{
    if (*table)
        look_ask(desk,
                 json_pack("{s:s, s:s, s:b, s:i}", "command", "settings", "name", table, "whole", 1, "limit",
                           LIST_WORDS_MAX),
                 told);
}

void lists_tick(struct desk *desk)
{
    if (desk->second % LISTS_S != 0) return;
    lists_ask(desk, desk->setting.wrapups_table, lists_wrapups_told);
    lists_ask(desk, desk->setting.tags_table, lists_tags_told);
}

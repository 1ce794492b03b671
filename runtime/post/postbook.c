/* runtime/post/postbook.c - The book: how it is opened, and how several steps become durable together.
 *
 *     group                 durable together, one wait for the disk
 *       step, step, step    a savepoint each: one that fails leaves the others
 *
 * The UPDATEs of states are made once, from the changes in post.def: each names the states from which it is allowed. */
#include <stdlib.h>
#include <string.h>

#include "runtime/post/postbook_state.h"
#include "base/memory.h"
#include "base/why.h"

static void postbook_statements(struct postbook *book)
{
    for (unsigned to = 0; to < POST_IN_STATES; to++) {
        struct out *out = &book->in_becomes[to];
        out_text(out, "UPDATE post_came SET state = $1 WHERE way = $2 AND (id = $3 OR external_id = $4) AND state IN ");
        post_in_sources(out, (enum post_in)to);
    }
    for (unsigned to = 0; to < POST_OUT_STATES; to++) {
        struct out *out = &book->out_becomes[to];
        out_text(out, "UPDATE post_out SET state = $1 WHERE id = $2 AND state IN ");
        post_out_sources(out, (enum post_out)to);
        out = &book->name_becomes[to];
        out_text(out,
                 "UPDATE post_names SET state = $1 WHERE item = $2 AND peer_id = $3 AND state <> $1 AND state IN ");
        post_out_sources(out, (enum post_out)to);
    }
}

/* NULL with the reason. Opens the book, and creates or updates its tables; NULL with the reason. */
struct postbook *postbook_open(const struct post_way *way, const struct post_rules *rules, const void *self, char *why,
                               size_t why_size)
{
    struct error error;
    struct postbook *book = memory_zeroed(1, sizeof *book);
    book->way = way, book->rules = rules, book->self = self;
    postbook_statements(book);
    book->store = store_open(rules->store, &(struct store_options){.country = rules->country}, &error);
    book->sql = book->store ? store_sql(book->store) : NULL;
    bool good = book->sql && postbook_takes_over(book, &error);
    if (good && (!post_rule_is(rules->lists) || (book->lists = lists_open(rules->lists, false, &error)))) return book;
    why_set(why, why_size, "%s: %s", good ? "lists" : "store", error.text);
    postbook_close(book);
    return NULL;
}

void postbook_close(struct postbook *book)
{
    if (!book) return;
    lists_close(book->lists);
    store_close(book->store);
    for (unsigned at = 0; at < POST_IN_STATES; at++) out_free(&book->in_becomes[at]);
    for (unsigned at = 0; at < POST_OUT_STATES; at++) {
        out_free(&book->out_becomes[at]);
        out_free(&book->name_becomes[at]);
    }
    free(book);
}

void postbook_talks(struct postbook *book, const struct post_talks *talks)
{
    book->talks = talks;
}

struct store *postbook_store(struct postbook *book)
{
    return book->store;
}

/* Begins a group of steps. Begins no group if the do-not-call list is in the same file of SQLite, because the list
 * would wait for the group. False with ERROR_STATE: no group was begun, and each step is a transaction of its own. */
bool postbook_together_begin(struct postbook *book, struct error *error)
{
    bool same = book->lists && strcmp(book->rules->lists, book->rules->store) == 0;
    return same ? error_set(error, ERROR_STATE, "the lists are in the same database")
                : store_group_begin(book->store, error);
}

bool postbook_together_end(struct postbook *book, struct error *error)
{
    return store_group_end(book->store, error);
}

bool postbook_step_begin(struct postbook *book, struct error *error)
{
    return sql_begin(book->sql, error);
}

bool postbook_lists_failed(struct postbook *book)
{
    bool failed = book->lists_failed;
    book->lists_failed = false;
    return failed;
}

bool postbook_step_end(struct postbook *book, bool good, struct error *error)
{
    if (good && sql_commit(book->sql, error)) return true;
    sql_rollback(book->sql);
    return false;
}

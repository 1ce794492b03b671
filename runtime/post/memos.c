/* runtime/post/memos.c - The table post_memos of the contact store, and the errands of the post office that write
 * it. */
#include "runtime/post/memos.h"

#include <glib.h>
#include <stdlib.h>

#include "runtime/post/office_state.h"
#include "runtime/post/way.h"
#include "runtime/sql/sql.h"
#include "base/memory.h"

#define MEMO_INSERT                                                                                                    \
    "INSERT INTO post_memos(kind, owner, name, person, saved, changed) VALUES($1, $2, $3, $4, $5, $6)"                 \
    " ON CONFLICT (kind, owner, name) DO "

/* ---- rows ---- */

static bool memo_write(struct store *store, const char *statement, const struct memo_owner *of, const struct memo *memo,
                       int64_t now, struct error *error)
{
    return sql_do(store_sql(store), error, statement,
                  SQL_WITH(sql_text(of->kind), sql_text(of->owner), sql_text(memo->name), sql_text(memo->person),
                           sql_text(memo->saved), sql_number(now)));
}

bool memo_put(struct store *store, const struct memo_owner *of, const struct memo *memo, int64_t now,
              struct error *error)
{
    return memo_write(store,
                      MEMO_INSERT "UPDATE SET person = CASE WHEN post_memos.person = '' AND excluded.person IS NOT NULL"
                                  " THEN '' ELSE excluded.person END, saved = excluded.saved, changed ="
                                  " excluded.changed",
                      of, memo, now, error);
}

bool memo_add(struct store *store, const struct memo_owner *of, const struct memo *memo, int64_t now,
              struct error *error)
{
    return memo_write(store, MEMO_INSERT "NOTHING", of, memo, now, error);
}

bool memo_drop(struct store *store, const struct memo_owner *of, const char *name, struct error *error)
{
    return sql_do(store_sql(store), error, "DELETE FROM post_memos WHERE kind = $1 AND owner = $2 AND name = $3",
                  SQL_WITH(sql_text(of->kind), sql_text(of->owner), sql_text(name)));
}

bool memo_each(struct store *store, const struct memo_owner *of, void (*each)(void *self, const struct memo *),
               void *self, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(store_sql(store), error,
                "SELECT name, person, saved FROM post_memos WHERE kind = $1 AND owner = $2 ORDER BY name",
                SQL_WITH(sql_text(of->kind), sql_text(of->owner)));
    while (sql_next(rows)) {
        char *name = post_text(sql_string(rows, 0)), *person = post_text(sql_string(rows, 1)),
             *saved = post_text(sql_string(rows, 2));
        each(self, &(struct memo){name, sql_is_null(rows, 1) ? NULL : person, saved});
        g_free(name), g_free(person), g_free(saved);
    }
    return sql_end(rows, error);
}

/* ---- errands ---- */

struct memos {
    struct office *office;
    struct memo_owner of;
    struct memo_calls calls;
    GHashTable *newest; /* by name: the newest errand that writes the memo */
    bool looking;
};

struct memo_errand {
    struct memos *memos;
    char *name, *person, *saved; /* saved NULL: the memo is dropped; name NULL: the errand finds erased memos */
    int64_t now;
    GPtrArray *erased; /* names */
};

static bool memo_errand_is_newest(const void *self)
{
    const struct memo_errand *errand = self;
    return errand->name && g_hash_table_lookup(errand->memos->newest, errand->name) == errand;
}

static bool memo_erased_find(struct memo_errand *errand, struct store *store, struct error *error)
{
    const struct memo_owner *of = &errand->memos->of;
    struct sql_rows *rows =
        sql_ask(store_sql(store), error, "SELECT name FROM post_memos WHERE kind = $1 AND owner = $2 AND person = ''",
                SQL_WITH(sql_text(of->kind), sql_text(of->owner)));
    while (sql_next(rows)) g_ptr_array_add(errand->erased, post_text(sql_string(rows, 0)));
    return sql_end(rows, error);
}

static bool memo_errand_work(void *self, struct store *store, struct error *error)
{
    struct memo_errand *errand = self;
    const struct memo_owner *of = &errand->memos->of;
    const struct memo memo = {errand->name, errand->person, errand->saved};
    return !errand->name    ? memo_erased_find(errand, store, error)
           : !errand->saved ? memo_drop(store, of, errand->name, error)
                            : memo_put(store, of, &memo, errand->now, error);
}

static void memo_errand_lost(void *self, const struct error *error)
{
    const struct memo_errand *errand = self;
    const struct office *office = errand->memos->office;
    office->services->log(office->link, GCX_LOG_ERROR, 0, 0, "%s %s: the next process does not know it: %s",
                          errand->memos->of.kind, errand->name, error->text);
}

static void memo_errand_done(void *self, bool good, const struct error *error)
{
    struct memo_errand *errand = self;
    const struct memos *memos = errand->memos;
    if (!errand->name) {
        errand->memos->looking = false; /* after a failure the next memos_look() looks again */
        for (guint i = 0; good && i < errand->erased->len; i++)
            memos->calls.erased(memos->calls.self, errand->erased->pdata[i]);
    } else if (!memo_errand_is_newest(errand)) {
        return;
    } else if (!good) { /* the store is away and the office ends, or the store refuses this row */
        memo_errand_lost(errand, error);
        if (memos->calls.refused) memos->calls.refused(memos->calls.self, errand->name);
    } else if (memos->calls.kept) {
        memos->calls.kept(memos->calls.self, errand->name);
    }
}

static void memo_errand_free(void *self)
{
    struct memo_errand *errand = self;
    if (memo_errand_is_newest(errand)) g_hash_table_remove(errand->memos->newest, errand->name);
    g_free(errand->name), g_free(errand->person), g_free(errand->saved);
    g_ptr_array_free(errand->erased, TRUE);
    free(errand);
}

static void memo_errand_give(struct memos *memos, const struct memo *memo)
{
    struct memo_errand *errand = memory_zeroed(1, sizeof *errand);
    *errand = (struct memo_errand){.memos = memos,
                                   .name = g_strdup(memo->name),
                                   .person = g_strdup(memo->person),
                                   .saved = g_strdup(memo->saved),
                                   .now = office_wall(memos->office),
                                   .erased = g_ptr_array_new_with_free_func(g_free)};
    if (errand->name) g_hash_table_replace(memos->newest, g_strdup(errand->name), errand);
    office_errand(memos->office, &(struct post_errand){.self = errand,
                                                       .work = memo_errand_work,
                                                       .done = memo_errand_done,
                                                       .free = memo_errand_free,
                                                       .lasts = memo_errand_is_newest,
                                                       .lost = memo_errand_lost});
}

/* ---- a life ---- */

struct memos *memos_new(struct office *office, const struct memo_owner *of, const struct memo_calls *calls)
{
    struct memos *memos = memory_zeroed(1, sizeof *memos);
    memos->office = office, memos->of = *of, memos->calls = *calls;
    memos->newest = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return memos;
}

void memos_free(struct memos *memos)
{
    if (!memos) return;
    g_hash_table_destroy(memos->newest);
    free(memos);
}

void memos_put(struct memos *memos, const struct memo *memo)
{
    memo_errand_give(memos, memo);
}

void memos_drop(struct memos *memos, const char *name)
{
    memo_errand_give(memos, &(struct memo){.name = name});
}

bool memos_have_kept(const struct memos *memos, const char *name)
{
    return !g_hash_table_contains(memos->newest, name);
}

void memos_look(struct memos *memos)
{
    if (memos->looking) return;
    memos->looking = true;
    memo_errand_give(memos, &(struct memo){0});
}

/* runtime/store/find.c - Finds interactions, and their transcripts.
 *
 * Each list is one statement whose rows have the columns of SHOWN, and find_show passes each row to the caller. The
 * next page is found by the last row that was shown (its time and number), not by a count: a row that is added
 * meanwhile neither repeats nor hides another one. */
#include <assert.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"
#include "base/letters.h"
#include "base/out.h"

#define SHOWN                                                                                                          \
    "SELECT i.id, coalesce(i.contact, 0), coalesce(i.parent, 0), coalesce(i.thread, 0), i.received,"                   \
    " coalesce(i.ended, 0), coalesce(i.erased, 0), i.messages,"                                                        \
    " (SELECT count(*) FROM parts p WHERE p.interaction = i.id),"                                                      \
    " i.tenant, i.media, i.external_id, i.direction, i.ixn, i.address, i.subject, i.agent, i.result,"                  \
    " (SELECT substr(m.text, 1, 200) FROM messages m WHERE m.interaction = i.id AND m.visible = 'all' AND"             \
    " m.text IS NOT NULL AND " STORE_TAKEN_BACK(                                                                       \
        "m") " IS NULL ORDER BY m.n LIMIT 1), coalesce(i.journal, 0), coalesce(i.taken, 0),"                           \
             " CASE WHEN " STORE_TYPED("i") " THEN 1 ELSE 0 END, coalesce(i.agents, ''),"                              \
                                            " coalesce((SELECT m.text FROM messages m WHERE m.interaction = i.id AND " \
                                            "m.msg_id = '" STORE_MARK "' AND"                                          \
                                            " m.role = 'system' AND m.visible = 'agents'), '') FROM interactions i "

/* SQL: the row does not belong to other cores, as store_serve() in store.h defines: it is of this journal, of a lost
 * one, or of an unknown one. `own` is a parameter. A core whose program is older than the table `served` has no row
 * in it: its numbers begin with its domain. */
#define NOT_OF_OTHERS(own, clock)                                                                                      \
    " AND NOT EXISTS (SELECT 1 FROM served s WHERE s.journal = i.journal AND CAST(" own " AS BIGINT) <> 0 AND"         \
    " s.journal <> CAST(" own " AS BIGINT) AND (s.until > " clock " OR s.domain <>"                                    \
    " coalesce((SELECT o.domain FROM served o WHERE o.journal = CAST(" own " AS BIGINT)), s.domain)))"                 \
    " AND NOT EXISTS (SELECT 1 FROM served o WHERE o.journal = CAST(" own " AS BIGINT) AND o.domain <> 0 AND"          \
    " i.ixn LIKE '%-%' AND i.ixn NOT LIKE CAST(o.domain AS TEXT) || '-%' AND"                                          \
    " NOT EXISTS (SELECT 1 FROM served s WHERE s.journal = i.journal))"

struct list_walk { /* a list under way */
    store_each_interaction *each;
    void *self;
    struct store_page *page; /* may be NULL */
    bool any;
};

/* Passes a row to the caller. The row's texts are borrowed until the next row. */
static void find_show(struct list_walk *walk, const struct sql_rows *rows)
{
    assert(walk->each);
    struct store_shown shown = {
        .interaction = sql_int(rows, 0),
        .contact = sql_int(rows, 1),
        .parent = sql_int(rows, 2),
        .thread = sql_int(rows, 3),
        .received = sql_int(rows, 4),
        .ended = sql_int(rows, 5),
        .erased = sql_int(rows, 6),
        .messages = sql_int(rows, 7),
        .parts = sql_int(rows, 8),
        .tenant = sql_string(rows, 9),
        .media = sql_string(rows, 10),
        .external_id = sql_string(rows, 11),
        .direction = sql_string(rows, 12),
        .ixn = sql_string(rows, 13),
        .address = sql_string(rows, 14),
        .subject = sql_string(rows, 15),
        .agent = sql_string(rows, 16),
        .result = sql_string(rows, 17),
        .excerpt = sql_string(rows, 18),
        .journal = (uint64_t)sql_int(rows, 19),
        .taken = sql_int(rows, 20),
        .unverified = sql_int(rows, 21) != 0,
        .agents = sql_string(rows, 22),
        .mark = sql_string(rows, 23),
    };
    walk->any = true;
    if (walk->page) {
        walk->page->received = shown.received;
        walk->page->interaction = shown.interaction;
    }
    walk->each(walk->self, &shown);
}

/* False also if the connection was lost between two rows: the caller has then got some of them, and must say so
 * instead of showing a list that is too short. */
static bool show_all(struct list_walk *walk, struct sql_rows *rows, struct error *error)
{
    while (sql_next(rows)) find_show(walk, rows);
    return sql_end(rows, error);
}

/* Selects the rows after the page's place. The newest come first. A page with number 0 is the first one: it begins
 * after the greatest possible time and number, so that one statement serves all pages. */
static struct sql_value page_received(const struct store_page *page)
{
    return sql_number(page->interaction == 0 ? INT64_MAX : page->received);
}

static struct sql_value page_interaction(const struct store_page *page)
{
    return sql_number(page->interaction == 0 ? INT64_MAX : page->interaction);
}

static struct sql_value find_rows_of(unsigned limit)
{
    return sql_number(limit == 0 ? 50 : limit < STORE_ROWS_MAX ? limit : STORE_ROWS_MAX);
}

#define BEHIND "AND (i.received, i.id) < ($2, $3) AND i.received >= $5 ORDER BY i.received DESC, i.id DESC LIMIT $4"

/* ---- tenants ---- */

/* True: the number belongs to the tenant. A part that is not yet in an interaction belongs to every tenant. */
bool store_owns(struct store *store, const char *tenant, enum store_of what, int64_t number, struct error *error)
{
    static const struct {
        const char *name, *query;
    } of[STORE_OF_ALL] = {
        [STORE_OF_contact] = {"contact", "SELECT 1 FROM contacts WHERE id = $1 AND tenant = $2"},
        [STORE_OF_interaction] = {"interaction", "SELECT 1 FROM interactions WHERE id = $1 AND tenant = $2"},
        [STORE_OF_part] = {"part", "SELECT 1 FROM parts p LEFT JOIN interactions i ON i.id = p.interaction"
                                   " WHERE p.id = $1 AND (p.interaction IS NULL OR i.tenant = $2)"},
    };
    int64_t one;
    assert(what < STORE_OF_ALL);
    bool there;
    if (!sql_find(store->sql, error, &one, &there, of[what].query, SQL_WITH(sql_number(number), sql_text(tenant))))
        return false;
    if (!there && *tenant)
        error_set(error, ERROR_UNKNOWN, "the contact store has no %s %lld of tenant `%.70s`", of[what].name,
                  (long long)number, tenant);
    else if (!there)
        error_set(error, ERROR_UNKNOWN, "the contact store has no %s %lld", of[what].name, (long long)number);
    return there;
}

/* ---- lists ---- */

bool store_interaction(struct store *store, int64_t interaction, store_each_interaction *each, void *self,
                       struct error *error)
{
    struct list_walk walk = {each, self, NULL, false};
    if (!show_all(&walk, sql_ask(store->sql, error, SHOWN "WHERE i.id = $1", SQL_WITH(sql_number(interaction))), error))
        return false;
    if (!walk.any) error_set(error, ERROR_UNKNOWN, "the contact store has no interaction %lld", (long long)interaction);
    return walk.any;
}

bool store_history(struct store *store, int64_t contact, struct store_page *page, store_each_interaction *each,
                   void *self, struct error *error)
{
    struct list_walk walk = {each, self, page, false};
    return show_all(&walk,
                    sql_ask(store->sql, error, SHOWN "WHERE i.contact = $1 " BEHIND,
                            SQL_WITH(sql_number(contact), page_received(page), page_interaction(page),
                                     find_rows_of(page->limit), sql_number(page->from))),
                    error);
}

/* ---- words ---- */

static bool find_is_word(uint8_t byte)
{
    return byte >= 0x80 || (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

struct words_sought {
    struct out *out;
    bool sqlite, more; /* more: a form of the word is written already */
};

static void words_form(void *self, const char *form, size_t length)
{
    struct words_sought *sought = self;
    if (sought->more) out_text(sought->out, sought->sqlite ? " OR " : " | ");
    out_text(sought->out, sought->sqlite ? "\"" : "'");
    out_put(sought->out, form, length);
    out_text(sought->out, sought->sqlite ? "\"*" : "':*");
    sought->more = true;
}

/* Puts each word in quotes, as a beginning, with its other forms: "no 42%" becomes `("no"* OR "nø"*) AND ("42"*)` for
 * FTS5, and `('no':* | 'nø':*) & ('42':*)` for PostgreSQL. Both find only messages with all of the words. */
void store_words_sought(struct out *out, enum sql_dialect dialect, struct span words)
{
    bool sqlite = dialect == SQL_SQLITE;
    for (uint32_t at = 0; at < words.length;) {
        uint32_t end = at;
        while (end < words.length && find_is_word(words.bytes[end])) end++;
        if (end > at) {
            struct words_sought sought = {out, sqlite, false};
            out_text(out, out->length == 0 ? "(" : sqlite ? " AND (" : " & (");
            letters_forms((const char *)words.bytes + at, end - at, words_form, &sought);
            out_text(out, ")");
        }
        at = end + 1;
    }
}

/* SQL: the messages with all words of a parameter; the contacts whose names have them; and the interactions that have
 * some of the words in a message, while the contact's name has the others. An address that was only typed names nobody.
 */
#define SAID_SQLITE(words)   "m.id IN (SELECT rowid FROM words WHERE words MATCH " words ")"
#define CALLED_SQLITE(words) "(SELECT rowid FROM names WHERE names MATCH " words ")"
#define SAID_POSTGRES(words) STORE_PLAIN_WORDS("m.") " @@ to_tsquery('simple', " STORE_PLAIN(words) ")"
#define CALLED_POSTGRES(words)                                                                                         \
    "(SELECT c.id FROM contacts c WHERE " STORE_PLAIN_NAME("c.") " @@ to_tsquery('simple', " STORE_PLAIN(words) "))"
#define PARTED(dialect, name, said)                                                                                    \
    " UNION SELECT m.interaction FROM messages m JOIN interactions n ON n.id = m.interaction"                          \
    " WHERE " SAID_##dialect(said) " AND " STORE_TAKEN_BACK("m") " IS NULL AND NOT " STORE_TYPED(                      \
        "n") " AND n.contact IN " CALLED_##dialect(name)
#define SEARCHED(dialect)                                                                                              \
    SHOWN "WHERE i.tenant = $1 AND (i.received, i.id) < ($2, $3) AND i.received >= $15"                                \
          " AND (CAST($5 AS BIGINT) = 0 OR i.contact = $5)"                                                            \
          " AND i.id IN (SELECT m.interaction FROM messages m WHERE " SAID_##dialect("$4") " AND " STORE_TAKEN_BACK(   \
              "m") " IS NULL" PARTED(dialect, "$7", "$8") PARTED(dialect, "$9", "$10") PARTED(dialect, "$11", "$12")   \
              PARTED(dialect, "$13", "$14") ") ORDER BY i.received DESC, i.id DESC LIMIT $6"
static const char *const searched[SQL_DIALECTS] = {
    [SQL_SQLITE] = SEARCHED(SQLITE), [SQL_POSTGRES] = SEARCHED(POSTGRES)};

/* ---- a name beside words ---- */

enum { SPLITS = 4 };

struct words_split { /* the two halves of what is sought, as store_words_sought() writes them */
    struct out halves[2 * SPLITS];
};

/* Divides the words behind the first and before the last: the name may stand in front of the other words, or behind
 * them. One word has no halves, and finds nothing. */
static void words_divide(struct words_split *split, enum sql_dialect dialect, struct span words)
{
    uint32_t first = 0, end = words.length, begin, last;
    while (first < end && !find_is_word(words.bytes[first])) first++;
    while (end > first && !find_is_word(words.bytes[end - 1])) end--;
    for (begin = first; begin < end && find_is_word(words.bytes[begin]);) begin++;
    for (last = end; last > first && find_is_word(words.bytes[last - 1]);) last--;
    bool several = begin < end;
    const struct span front = {words.bytes + first, begin - first}, rest = {words.bytes + begin, end - begin},
                      most = {words.bytes + first, last - first}, back = {words.bytes + last, end - last};
    const struct span halves[2 * SPLITS] = {front, rest, rest, front, most, back, back, most};
    for (unsigned i = 0; i < 2 * SPLITS; i++)
        if (several)
            store_words_sought(&split->halves[i], dialect, halves[i]);
        else
            out_text(&split->halves[i], dialect == SQL_SQLITE ? "\"-\"" : ""); /* no word: it matches nothing */
}

static void words_split_free(struct words_split *split)
{
    for (unsigned i = 0; i < 2 * SPLITS; i++) out_free(&split->halves[i]);
}

/* Finds the interactions, newest first, that have words with all of these beginnings in one message; or some of them
 * in a message, and the others in the name of its contact. */
bool store_search(struct store *store, const char *tenant, struct span words, struct store_page *page,
                  store_each_interaction *each, void *self, struct error *error)
{
    struct list_walk walk = {each, self, page, false};
    struct texts texts = {0};
    struct out quoted = {0};
    struct words_split split = {0};
    const struct out *of = split.halves;
    bool good = true;
    enum sql_dialect dialect = sql_dialect(store->sql);
    struct span clean = text_clean(&texts, words, STORE_SUBJECT_MAX);
    store_words_sought(&quoted, dialect, clean);
    words_divide(&split, dialect, clean);
    if (quoted.length > 0)
        good = show_all(&walk,
                        sql_ask(store->sql, error, searched[dialect],
                                SQL_WITH(sql_text(tenant), page_received(page), page_interaction(page),
                                         sql_text(quoted.bytes), sql_number(page->contact), find_rows_of(page->limit),
                                         sql_text(of[0].bytes), sql_text(of[1].bytes), sql_text(of[2].bytes),
                                         sql_text(of[3].bytes), sql_text(of[4].bytes), sql_text(of[5].bytes),
                                         sql_text(of[6].bytes), sql_text(of[7].bytes), sql_number(page->from))),
                        error);
    words_split_free(&split);
    out_free(&quoted);
    texts_free(&texts);
    return good;
}

#define OPEN_BY_IXN                                                                                                    \
    SHOWN "WHERE i.tenant = $1 AND i.ended IS NULL AND i.erased IS NULL AND i.ixn = $2 AND"                            \
          " (i.journal IS NULL OR i.journal = $3) ORDER BY i.id DESC LIMIT 1"

bool store_by_ixn(struct store *store, const char *tenant, uint64_t journal, struct span ixn,
                  store_each_interaction *each, void *self, struct error *error)
{
    struct list_walk walk = {.each = each, .self = self};
    return show_all(&walk,
                    sql_ask(store->sql, error, OPEN_BY_IXN,
                            SQL_WITH(sql_text(tenant), sql_span(ixn), sql_number((int64_t)journal))),
                    error);
}

/* ---- transcripts ---- */

bool store_answers(struct store *store, int64_t parent, struct span text, store_each_interaction *each, void *self,
                   struct error *error)
{
    struct list_walk walk = {each, self, NULL, false};
    struct texts texts = {0};
    struct span clean;
    bool good = text_whole(&texts, text, STORE_TEXT_MAX, "the text", &clean, error) &&
                show_all(&walk,
                         sql_ask(store->sql, error,
                                 SHOWN "WHERE i.parent = $1 AND EXISTS (SELECT 1 FROM messages f WHERE"
                                       " f.interaction = i.id AND f.n = 1 AND coalesce(f.text, '') = $2) ORDER BY i.id",
                                 SQL_WITH(sql_number(parent), sql_span(clean))),
                         error);
    texts_free(&texts);
    return good;
}

bool store_answering(struct store *store, int64_t parent, store_each_interaction *each, void *self, struct error *error)
{
    struct list_walk walk = {.each = each, .self = self};
    return show_all(&walk,
                    sql_ask(store->sql, error, SHOWN "WHERE i.parent = $1 ORDER BY i.id", SQL_WITH(sql_number(parent))),
                    error);
}

bool store_standing(struct store *store, int64_t contact, int64_t thread, store_each_interaction *each, void *self,
                    struct error *error)
{
    enum { STANDING = 20 };
    struct list_walk walk = {.each = each, .self = self};
    return show_all(&walk,
                    sql_ask(store->sql, error,
                            SHOWN
                            "WHERE (i.contact = $1 OR i.thread = $2) AND i.ended IS NULL AND i.erased IS NULL"
                            " AND i.direction = 'in' AND NOT " STORE_TYPED("i") " ORDER BY i.received, i.id LIMIT $3",
                            SQL_WITH(sql_number(contact), sql_number(thread), sql_number(STANDING))),
                    error);
}

bool store_came(struct store *store, int64_t after, store_each_interaction *each, void *self, struct error *error)
{
    struct list_walk walk = {.each = each, .self = self};
    return show_all(&walk,
                    after == 0
                        ? sql_ask(store->sql, error, SHOWN "WHERE i.id = (SELECT max(id) FROM interactions)", SQL_NONE)
                        : sql_ask(store->sql, error, SHOWN "WHERE i.id > $1 ORDER BY i.id LIMIT $2",
                                  SQL_WITH(sql_number(after), sql_number(STORE_ROWS_MAX))),
                    error);
}

bool store_under_way(struct store *store, int64_t contact, int64_t thread, int64_t *count, struct error *error)
{
    bool there;
    return sql_find(store->sql, error, count, &there,
                    "SELECT count(*) FROM interactions i WHERE (i.contact = $1 OR i.thread = $2) AND i.ended IS NULL"
                    " AND i.erased IS NULL AND i.direction = 'out'",
                    SQL_WITH(sql_number(contact), sql_number(thread)));
}

#define UNENDED(clock)                                                                                                 \
    SHOWN "WHERE i.ended IS NULL AND i.tenant = $1 AND i.media = $2" NOT_OF_OTHERS("$3",                               \
                                                                                   clock) " AND i.id > $4"             \
                                                                                          " ORDER BY i.id LIMIT $5"
static const char *const unended[SQL_DIALECTS] = {
    [SQL_SQLITE] = UNENDED(STORE_CLOCK_SQLITE), [SQL_POSTGRES] = UNENDED(STORE_CLOCK_POSTGRES)};

bool store_unended(struct store *store, const char *tenant, const char *media, uint64_t journal, int64_t after,
                   unsigned limit, store_each_interaction *each, void *self, struct error *error)
{
    struct list_walk walk = {.each = each, .self = self};
    return show_all(&walk,
                    sql_ask(store->sql, error, unended[sql_dialect(store->sql)],
                            SQL_WITH(sql_text(tenant), sql_text(media), sql_number((int64_t)journal), sql_number(after),
                                     find_rows_of(limit))),
                    error);
}

/* A chat with a subject has a row for it, so that its words are found, before anybody has written. It is no message. */
#define NOTHING_SAID                                                                                                   \
    "n = 1 AND msg_id IS NULL AND text IS NULL AND subject IS NOT NULL AND EXISTS (SELECT 1 FROM"                      \
    " interactions i WHERE i.id = m.interaction AND i.media NOT IN ('email', 'mms'))"

/* Shows the messages of an interaction after the one numbered `after`, in their order; without `all`, only those
 * that the customer sees as well. */
bool store_transcript(struct store *store, int64_t interaction, int64_t after, unsigned limit, bool all,
                      store_each_line *each, void *self, struct error *error)
{
    assert(each);
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT n, at, msg_id, role, sender, kind, visible, subject, text, result, of_id, about,"
                " coalesce(" STORE_TAKEN_BACK(
                    "m") ", 0) FROM messages m WHERE"
                         " interaction = $1 AND n > $2 AND (visible = 'all' OR 1 = $3) AND NOT (" NOTHING_SAID
                         ") ORDER BY n LIMIT $4",
                SQL_WITH(sql_number(interaction), sql_number(after), sql_number(all), find_rows_of(limit)));
    while (sql_next(rows)) {
        int64_t back = sql_int(rows, 12);
        each(self, &(struct store_line){.n = sql_int(rows, 0),
                                        .at = sql_int(rows, 1),
                                        .msg_id = sql_string(rows, 2),
                                        .role = sql_string(rows, 3),
                                        .sender = sql_string(rows, 4),
                                        .kind = sql_string(rows, 5),
                                        .visible = sql_string(rows, 6),
                                        .subject = sql_string(rows, 7),
                                        .text = back ? (struct span){0} : sql_string(rows, 8),
                                        .result = sql_string(rows, 9),
                                        .of_id = sql_string(rows, 10),
                                        .about = back ? (struct span){0} : sql_string(rows, 11),
                                        .taken_back = back});
    }
    return sql_end(rows, error);
}

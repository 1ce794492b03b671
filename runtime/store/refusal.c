/* runtime/store/refusal.c - Addresses that want no messages or calls: their customer has sent a word such as STOP,
 * or has told an agent.
 *
 * A row stays when its contact is erased, as otherwise we would write to the customer again. A customer's word
 * counts for the number of ours to which it was sent (`own`). An agent's note counts for all our numbers, and for
 * each address of the contact, also one added later; an agent can take back only such notes, with a reason. The acts
 * of agents are stored apart from the refusals in force (refusal_acts). */
#include <assert.h>
#include <string.h>

#include "runtime/store/state.h"
#include "runtime/vocabulary/bytes.h"

#define REFUSAL_DAY_US INT64_C(86400000000)

/* Brings an address of the customer's, or of ours, into the form for comparing; a short number, or a name, stays as
 * it is. */
static void refusal_form(const struct store *store, enum store_kind kind, struct span address,
                         char form[STORE_ADDRESS_MAX + 1])
{
    if (store_address(kind, address, store->country, form, NULL)) return;
    uint32_t length = address.length < STORE_ADDRESS_MAX ? address.length : STORE_ADDRESS_MAX;
    if (length > 0) memcpy(form, address.bytes, length);
    form[length] = '\0';
}

bool store_refuse(struct store *store, const struct store_refusal *refusal, bool on, bool *changed, struct error *error)
{
    static const char put[] = "INSERT INTO refusals(tenant, kind, address, media, own, word, since) VALUES($1, $2, $3,"
                              " $4, $5, $6, $7) ON CONFLICT (tenant, kind, address, media, own) DO NOTHING";
    static const char drop[] =
        "DELETE FROM refusals WHERE tenant = $1 AND kind = $2 AND address = $3 AND media = $4 AND own IN ($5, $6)";
    char form[STORE_ADDRESS_MAX + 1], ours[STORE_ADDRESS_MAX + 1];
    struct texts texts = {0};
    assert(refusal->kind < STORE_KINDS && refusal->media);
    refusal_form(store, refusal->kind, refusal->address, form);
    refusal_form(store, refusal->kind, refusal->own, ours);
    struct span own = text_clean(&texts, span_of(ours), STORE_ADDRESS_MAX);
    struct sql_value kind = sql_text(store_kind_name(refusal->kind)), tenant = sql_text(refusal->tenant);
    bool good = on ? sql_do(store->sql, error, put,
                            SQL_WITH(tenant, kind, sql_text(form), sql_text(refusal->media), sql_span(own),
                                     sql_text_or_null(text_clean(&texts, refusal->word, STORE_NAME_MAX)),
                                     sql_number(refusal->since)))
                   : sql_do(store->sql, error, drop,
                            SQL_WITH(tenant, kind, sql_text(form), sql_text(refusal->media), sql_span(own),
                                     sql_span(refusal->own)));
    if (good && changed) *changed = sql_changes(store->sql) > 0;
    texts_free(&texts);
    return good;
}

bool store_refuses(struct store *store, const struct store_refusal *refusal, bool *refused, struct error *error)
{
    char form[STORE_ADDRESS_MAX + 1], ours[STORE_ADDRESS_MAX + 1];
    int64_t one;
    assert(refusal->kind < STORE_KINDS && refusal->media);
    refusal_form(store, refusal->kind, refusal->address, form);
    refusal_form(store, refusal->kind, refusal->own, ours);
    return sql_find(
        store->sql, error, &one, refused,
        "SELECT 1 FROM refusals WHERE tenant = $1 AND kind = $2 AND address = $3 AND media = $4 AND"
        " ($7 = 1 OR own IN ('', $5, $6)) LIMIT 1", /* $6: the number of ours as rows of earlier versions have it */
        SQL_WITH(sql_text(refusal->tenant), sql_text(store_kind_name(refusal->kind)), sql_text(form),
                 sql_text(refusal->media), sql_text(ours), sql_span(refusal->own),
                 sql_number(refusal->any_own ? 1 : 0)));
}

/* ---- by agents ---- */

static bool reason_says_something(struct span reason)
{
    uint32_t blanks = 0;
    while (blanks < reason.length && reason.bytes[blanks] <= ' ') blanks++;
    return blanks < reason.length;
}

/* Limits how often refusals are taken back, but not how often they are noted: otherwise an agent who takes one back
 * again and again could keep others from noting it. Nothing is noted twice, so the limit also limits notes. */
static bool refusal_act_may(struct store *store, int64_t contact, const struct store_refusal_act *act,
                            struct error *error)
{
    int64_t count = 0;
    bool there;
    if (act->reason.length > STORE_REASON_MAX)
        return error_set(error, ERROR_INPUT, "a reason has at most %d bytes", STORE_REASON_MAX);
    if (act->noted) return true;
    if (!reason_says_something(act->reason))
        return error_set(error, ERROR_INPUT, "a refusal is taken back for a reason: say why");
    if (!sql_find(store->sql, error, &count, &there, "SELECT count(*) FROM refusal_acts WHERE contact = $1 AND at > $2",
                  SQL_WITH(sql_number(contact), sql_number(act->at - REFUSAL_DAY_US))))
        return false;
    return count < STORE_REFUSAL_ACTS_MAX ||
           error_set(error, ERROR_LIMIT,
                     "refusals of contact %lld were noted or taken back %d times in a day already: none is taken back",
                     (long long)contact, STORE_REFUSAL_ACTS_MAX);
}

static bool refusal_act_do(struct store *store, int64_t contact, const struct store_refusal_act *act,
                           struct error *error)
{
    static const char put[] =
        "INSERT INTO refusals(tenant, kind, address, media, own, since) SELECT a.tenant, a.kind, a.address, $1, '',"
        " CAST($2 AS BIGINT) FROM addresses a WHERE a.contact = $3"
        " ON CONFLICT (tenant, kind, address, media, own) DO NOTHING";
    static const char drop[] =
        "DELETE FROM refusals WHERE media = $1 AND own = '' AND word IS NULL AND EXISTS (SELECT 1 FROM addresses a"
        " WHERE a.contact = $2 AND a.tenant = refusals.tenant AND a.kind = refusals.kind AND"
        " a.address = refusals.address)";
    static const char note[] =
        "INSERT INTO refusal_acts(contact, media, noted, agent, reason, at) VALUES($1, $2, $3, $4, $5, $6)";
    struct texts texts = {0};
    struct sql_value media = sql_text(act->media);
    bool good = refusal_act_may(store, contact, act, error) &&
                (act->noted ? sql_do(store->sql, error, put, SQL_WITH(media, sql_number(act->at), sql_number(contact)))
                            : sql_do(store->sql, error, drop, SQL_WITH(media, sql_number(contact))));
    if (good && sql_changes(store->sql) > 0)
        good =
            sql_do(store->sql, error, note,
                   SQL_WITH(sql_number(contact), media, sql_number(act->noted), sql_text(act->agent),
                            sql_text_or_null(text_clean(&texts, act->reason, STORE_REASON_MAX)), sql_number(act->at)));
    texts_free(&texts);
    return good;
}

bool store_contact_refuse(struct store *store, int64_t contact, const struct store_refusal_act *act,
                          struct error *error)
{
    assert(act->media && act->agent);
    if (!sql_begin(store->sql, error)) return false;
    return store_transaction_end(store, refusal_act_do(store, contact, act, error), error);
}

bool refusals_spread(struct store *store, int64_t contact, int64_t now, struct error *error)
{
    return sql_do(store->sql, error,
                  "INSERT INTO refusals(tenant, kind, address, media, own, since) SELECT a.tenant, a.kind, a.address,"
                  " noted.media, '', CAST($1 AS BIGINT) FROM addresses a, (SELECT DISTINCT r.media FROM refusals r"
                  " JOIN addresses b ON b.tenant = r.tenant AND b.kind = r.kind AND b.address = r.address"
                  " WHERE b.contact = $2 AND r.own = '' AND r.word IS NULL) noted WHERE a.contact = $2"
                  " ON CONFLICT (tenant, kind, address, media, own) DO NOTHING",
                  SQL_WITH(sql_number(now), sql_number(contact)));
}

bool store_refusal_acts(struct store *store, int64_t contact, store_each_refusal_act *each, void *self,
                        struct error *error)
{
    struct sql_rows *rows = sql_ask(store->sql, error,
                                    "SELECT media, noted, agent, reason, at FROM refusal_acts WHERE contact = $1"
                                    " ORDER BY at DESC, id DESC LIMIT $2",
                                    SQL_WITH(sql_number(contact), sql_number(STORE_ROWS_MAX)));
    while (sql_next(rows)) {
        char media[STORE_WORD_MAX + 1], agent[STORE_NAME_MAX + 1];
        text_set_span(media, sizeof media, sql_string(rows, 0));
        text_set_span(agent, sizeof agent, sql_string(rows, 2));
        each(self, &(struct store_refusal_act){.media = media,
                                               .agent = agent,
                                               .noted = sql_int(rows, 1) != 0,
                                               .reason = sql_string(rows, 3),
                                               .at = sql_int(rows, 4)});
    }
    return sql_end(rows, error);
}

/* ---- all refusals of a contact ---- */

bool store_refusals(struct store *store, int64_t contact, store_each_refusal *each, void *self, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(store->sql, error,
                "SELECT r.kind, r.address, r.media, r.own, r.word, r.since FROM refusals r JOIN addresses a ON"
                " a.tenant = r.tenant AND a.kind = r.kind AND a.address = r.address WHERE a.contact = $1"
                " ORDER BY r.media, r.address, r.own",
                SQL_WITH(sql_number(contact)));
    while (sql_next(rows)) {
        struct store_refusal refusal = {.address = sql_string(rows, 1),
                                        .own = sql_string(rows, 3),
                                        .word = sql_string(rows, 4),
                                        .since = sql_int(rows, 5)};
        char media[STORE_WORD_MAX + 1], kind[STORE_WORD_MAX + 1];
        text_set_span(media, sizeof media, sql_string(rows, 2));
        refusal.tenant = "", refusal.media = media;
        if (text_set_span(kind, sizeof kind, sql_string(rows, 0)) && store_kind_find(kind, &refusal.kind))
            each(self, &refusal);
    }
    return sql_end(rows, error);
}

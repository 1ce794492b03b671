/* runtime/debugger/retold_places.c - The places without an agent that the interaction was sent to, as lines of a test.
 *
 *     row of the directory              which telephone and which groups a place has
 *     RequestRouteCall to it            it is asked
 *     EventParty Ringing, Established   "answers 6s"; a ringing that ends otherwise counts as "no_answer"
 *     asked, and it never rings         "busy" or "unreachable", as the route has failed
 *
 * A place where an agent is logged in is written with that agent (retold_agents.c). */
#include "runtime/debugger/retold_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "base/memory.h"

enum { PLACE_ROWS_MAX = 4096, PLACE_GROUPS_MAX = 16 };

struct retold_place {
    char name[RETOLD_NAME_BYTES], dn[RETOLD_NAME_BYTES];
    char *groups; /* owned: the groups in a test's words; "": none */
    unsigned group_count;
    uint64_t route; /* ref of the newest route to this place; 0: none */
    bool rang, rings, busy, answered;
    uint64_t rings_us, answers_us;
    unsigned no_answer;
};

struct retold_places {
    struct retold_place *all;
    size_t count;
};

struct retold_places *retold_places_new(void)
{
    struct retold_places *places = memory_zeroed(1, sizeof *places);
    return places;
}

void retold_places_free(struct retold_places *places)
{
    for (size_t i = 0; i < places->count; i++) free(places->all[i].groups);
    free(places->all);
    free(places);
}

static void retold_place_copy(char *to, struct span text)
{
    (void)snprintf(to, RETOLD_NAME_BYTES, "%.*s", (int)text.length, (const char *)text.bytes);
}

/* Returns the place of that name, made if there is none; NULL: there are too many. */
static struct retold_place *retold_place_named(struct retold_places *places, struct span name)
{
    for (size_t i = 0; i < places->count; i++)
        if (span_is(name, places->all[i].name)) return &places->all[i];
    if (places->count == PLACE_ROWS_MAX || name.length == 0 || name.length >= RETOLD_NAME_BYTES) return NULL;
    places->all = memory_grown(places->all, places->count + 1, sizeof *places->all);
    struct retold_place *place = &places->all[places->count++];
    *place = (struct retold_place){.groups = memory_text("")};
    retold_place_copy(place->name, name);
    return place;
}

static struct retold_place *retold_place_at(const struct retold_places *places, struct span dn)
{
    for (size_t i = places->count; i > 0 && dn.length > 0; i--)
        if (span_is(dn, places->all[i - 1].dn)) return &places->all[i - 1];
    return NULL;
}

static void retold_place_joins(struct retold_place *place, struct span group)
{
    struct spelling text, one;
    FILE *out = spelling_begin(&one);
    fputs("group ", out);
    spell_name(out, group);
    char *said = spelling_end(&one);
    if (place->group_count < PLACE_GROUPS_MAX && !strstr(place->groups, said)) {
        out = spelling_begin(&text);
        fprintf(out, "%s%s%s", place->groups, place->group_count++ > 0 ? ", " : " in ", said);
        free(place->groups);
        place->groups = spelling_end(&text);
    }
    free(said);
}

void retold_places_hear(struct retold_teller *t, const struct message *event)
{
    struct kv_value name, of;
    struct span row = message_text(event, DirectoryRow_row);
    uint64_t table = message_u(event, DirectoryRow_table);
    if ((table != table_place_dn && table != table_group_place) || !kv_get(row, "place", &name) ||
        name.tag != KV_TEXT || !kv_get(row, table == table_place_dn ? "dn" : "group", &of) || of.tag != KV_TEXT)
        return;
    struct retold_place *place = retold_place_named(t->places, name.span);
    if (place && table == table_place_dn) retold_place_copy(place->dn, of.span);
    if (place && table == table_group_place && !t->began) retold_place_joins(place, of.span);
}

void retold_places_asked(struct retold_teller *t, const struct message *effect)
{
    struct span dn = message_text(effect, RequestRouteCall_dest), also = message_text(effect, RequestRouteCall_also);
    uint32_t at = 0;
    do {
        struct retold_place *place = retold_place_at(t->places, dn);
        if (place) place->route = message_u(effect, ENVELOPE_ref);
    } while (message_next_text(also, &at, &dn));
}

void retold_places_refuse(struct retold_teller *t, uint64_t route, bool busy)
{
    for (size_t i = 0; i < t->places->count; i++)
        if (t->places->all[i].route == route && !t->places->all[i].rings) t->places->all[i].busy = busy;
}

const char *retold_places_party(struct retold_teller *t, const char *dn, enum party_change change)
{
    struct retold_place *place = retold_place_at(t->places, span_of(dn));
    if (!place || place->route == 0) return NULL;
    if (change == party_change_Ringing && !place->rings) {
        place->rang = place->rings = true;
        place->rings_us = t->now_us;
    } else if (change == party_change_Established) {
        if (place->rings && !place->answered) place->answers_us = t->now_us - place->rings_us;
        place->answered = place->rang = true;
        place->rings = false;
    } else if (place->rings && (change == party_change_Diverted || change == party_change_Released ||
                                change == party_change_Abandoned)) {
        if (!place->answered) place->no_answer++;
        place->rings = false;
    }
    return place->route == t->route_ref ? place->name : NULL;
}

void retold_places_put(const struct retold_teller *t, FILE *out)
{
    for (size_t i = 0; i < t->places->count; i++) {
        const struct retold_place *place = &t->places->all[i];
        assert(place->groups);
        if (place->route == 0) continue;
        fputs("    place ", out);
        spell_name(out, span_of(place->name));
        fputs(place->groups, out);
        if (!place->rang) fputs(place->busy ? " busy" : " unreachable", out);
        if (place->no_answer > 0) fprintf(out, " no_answer %u", place->no_answer);
        if (place->answered) fputs(" answers ", out);
        if (place->answered) spell_us(out, (int64_t)place->answers_us);
        fputs(";\n", out);
    }
}

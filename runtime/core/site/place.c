/* runtime/core/site/place.c - The table of DNs by name, and the DNs of each place in the order of their numbers.
 *
 *     place "desk 7" --first--> DN 4711 -> DN 4712 <--last--      an agent at 4712 sits at desk 7
 *           |
 *         groups, capacity: what the agents who sit there get from the place
 *
 * The place of an agent follows from the DN by this table, or is reported by the agent's link; a reported place has
 * priority. The agents whose place was reported are counted, so that the slow search for them is made only if there
 * are any. */
#include "runtime/core/site/place.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "vm/keep.h"
#include "runtime/core/base/fact.h"
#include "runtime/core/base/facts_queue.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/memory.h"
#include "runtime/core/base/now.h"
#include "runtime/core/base/source.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/capacity.h"
#include "runtime/core/site/directory.h"

static uint64_t place_dn_key(const void *owner, uint32_t slot)
{
    const struct places *places = owner;
    return places->dns[slot].name;
}

static uint64_t place_key(const void *owner, uint32_t slot)
{
    const struct places *places = owner;
    return places->all[slot].name;
}

void places_init(struct places *places)
{
    *places = (struct places){0};
    lookup_init(&places->by_dn, places, place_dn_key);
    lookup_init(&places->by_name, places, place_key);
}

void places_free(struct places *places)
{
    for (uint32_t at = 0; at < places->count; at++) free(places->all[at].groups);
    free(places->dns);
    free(places->all);
    lookup_free(&places->by_dn);
    lookup_free(&places->by_name);
}

static uint64_t dn_content(const struct dn *dn)
{
    return (dn->known ? table_mix64((uint64_t)dn->name << 1 | 1) : 0) +
           (dn->place != 0 ? table_mix64((uint64_t)dn->place << 32 | dn->name) : 0);
}

static uint64_t content_of_place(const struct place *place)
{
    uint64_t ruled =
        place->capacity == CAPACITY_SINGLE ? 0 : table_mix64(table_mix64(place->name + 1ull) + place->capacity);
    for (uint32_t at = 0; at < place->group_count; at++)
        ruled += table_mix64((uint64_t)place->groups[at] << 32 | place->name);
    return ruled;
}

static struct dn *dn_find(const struct places *places, uint32_t name)
{
    uint32_t slot;
    return name != 0 && lookup_find(&places->by_dn, name, &slot) ? &places->dns[slot] : NULL;
}

static struct dn *dn_make(struct places *places, uint32_t name)
{
    struct dn *dn = dn_find(places, name);
    if (dn || name == 0 || places->dn_count >= DNS_MAX) return dn;
    places->dns = memory_grow(places->dns, &places->dn_capacity, places->dn_count + 1, sizeof *places->dns);
    dn = &places->dns[places->dn_count];
    *dn = (struct dn){.name = name, .next = PLACE_END};
    lookup_add(&places->by_dn, places->dn_count++);
    return dn;
}

static struct place *place_find(const struct places *places, uint32_t name)
{
    uint32_t slot;
    return name != 0 && lookup_find(&places->by_name, name, &slot) ? &places->all[slot] : NULL;
}

bool places_known(const struct places *places, uint32_t name)
{
    const struct place *place = place_find(places, name);
    return place && (place->first != PLACE_END || place->capacity != CAPACITY_SINGLE || place->group_count > 0);
}

static struct place *place_make(struct places *places, uint32_t name)
{
    struct place *place = place_find(places, name);
    if (place || places->count >= DNS_MAX) return place;
    places->all = memory_grow(places->all, &places->capacity, places->count + 1, sizeof *places->all);
    place = &places->all[places->count];
    *place = (struct place){.name = name, .first = PLACE_END, .last = PLACE_END};
    lookup_add(&places->by_name, places->count++);
    return place;
}

/* True: DN a comes before b; the bytes of the names are compared, so the order does not depend on when names became
 * known. */
static bool is_before(const struct directory *directory, uint32_t a, uint32_t b)
{
    struct span x = names_text(directory->names, a), y = names_text(directory->names, b);
    uint32_t shorter = x.length < y.length ? x.length : y.length;
    int order = memcmp(x.bytes, y.bytes, shorter);
    return order != 0 ? order < 0 : x.length < y.length;
}

/* Removes the DN from its place's list, which is linked in one direction and searched from its head. */
static void stand_up(struct places *places, struct dn *dn)
{
    if (dn->place == 0) return;
    struct place *place = place_find(places, dn->place);
    assert(place);
    uint32_t *at = &place->first, before = PLACE_END;
    while (&places->dns[*at] != dn) {
        assert(*at < places->dn_count);
        before = *at;
        at = &places->dns[*at].next;
    }
    *at = dn->next;
    if (dn->next == PLACE_END) place->last = before;
    dn->next = PLACE_END;
    dn->place = 0;
}

/* Adds the DN to its place's list, in the order of numbers. The directory mostly names DNs in order, so the end of
 * the list is tried first. */
static void sit_down(struct directory *directory, struct dn *dn, uint32_t name)
{
    struct places *places = &directory->places;
    struct place *place = place_make(places, name);
    assert(place && dn->place == 0 && dn->next == PLACE_END);
    uint32_t *at = &place->first;
    if (place->last != PLACE_END && is_before(directory, places->dns[place->last].name, dn->name))
        at = &places->dns[place->last].next;
    while (*at != PLACE_END && is_before(directory, places->dns[*at].name, dn->name)) at = &places->dns[*at].next;
    dn->next = *at;
    dn->place = name;
    *at = (uint32_t)(dn - places->dns);
    if (dn->next == PLACE_END) place->last = *at;
}

void places_dn(struct directory *directory, uint32_t name, bool known)
{
    struct places *places = &directory->places;
    struct dn *dn = dn_make(places, name);
    if (!dn) return;
    places->content -= dn_content(dn);
    dn->known = known;
    dn->seen = true;
    places->content += dn_content(dn);
}

void places_seat(struct directory *directory, uint32_t name, uint32_t place)
{
    struct places *places = &directory->places;
    struct dn *dn = dn_make(places, name);
    if (!dn) return;
    places->content -= dn_content(dn);
    /* A whole directory names each DN's place again; the DN is moved only if its place has changed. */
    if (dn->place != place) {
        stand_up(places, dn);
        if (place != 0 && place_make(places, place)) sit_down(directory, dn, place);
    }
    dn->seat_seen = true;
    places->content += dn_content(dn);
}

void places_capacity(struct directory *directory, uint32_t name, uint16_t capacity)
{
    struct places *places = &directory->places;
    struct place *place =
        name == 0 || capacity == CAPACITY_SINGLE ? place_find(places, name) : place_make(places, name);
    if (!place) return;
    places->content -= content_of_place(place);
    place->capacity = capacity;
    place->seen = true;
    places->content += content_of_place(place);
}

static uint32_t group_at(const struct place *place, uint32_t group)
{
    uint32_t at = 0;
    while (at < place->group_count && place->groups[at] != group) at++;
    return at;
}

void places_group(struct directory *directory, uint32_t name, uint32_t group, bool in)
{
    struct places *places = &directory->places;
    struct place *place = in ? place_make(places, name) : place_find(places, name);
    if (!place || group == 0) return;
    uint32_t at = group_at(place, group);
    places->content -= content_of_place(place);
    if (in && at == place->group_count && at < AGENT_GROUPS_MAX) {
        place->groups = memory_grow(place->groups, &place->group_capacity, at + 1, sizeof *place->groups);
        place->groups[place->group_count++] = group;
    } else if (!in && at < place->group_count) {
        place->groups[at] = place->groups[--place->group_count];
    }
    places->content += content_of_place(place);
}

uint16_t places_capacity_of(const struct places *places, uint32_t name)
{
    const struct place *place = place_find(places, name);
    return place ? place->capacity : (uint16_t)CAPACITY_SINGLE;
}

bool places_agent_capacity(struct directory *directory, uint32_t agent)
{
    const struct agent *who = agent_at(directory->agents, agent);
    return agent_set_capacity(directory->agents, directory->claims, agent, who->own_capacity,
                              places_capacity_of(&directory->places, who->place));
}

/* Begins a whole directory. Groups of places are removed at once: they have no mark of their own, and come again
 * with the directory's rows. */
void places_unsee(struct places *places)
{
    for (uint32_t at = 0; at < places->count; at++) {
        places->content -= content_of_place(&places->all[at]);
        places->all[at].group_count = 0;
        places->content += content_of_place(&places->all[at]);
        places->all[at].seen = false;
    }
    for (uint32_t at = 0; at < places->dn_count; at++) places->dns[at].seen = places->dns[at].seat_seen = false;
}

void places_drop_unseen(struct directory *directory)
{
    struct places *places = &directory->places;
    for (uint32_t at = 0; at < places->dn_count; at++) {
        if (!places->dns[at].seen) places_dn(directory, places->dns[at].name, false);
        if (!places->dns[at].seat_seen) places_seat(directory, places->dns[at].name, 0);
    }
    for (uint32_t at = 0; at < places->count; at++)
        if (!places->all[at].seen) places_capacity(directory, places->all[at].name, CAPACITY_SINGLE);
}

bool places_check(const struct places *places)
{
    uint64_t content = 0;
    uint32_t seated = 0;
    for (uint32_t at = 0; at < places->dn_count; at++) {
        content += dn_content(&places->dns[at]);
        seated += places->dns[at].place != 0;
    }
    for (uint32_t at = 0; at < places->count; at++) {
        uint32_t last = PLACE_END;
        content += content_of_place(&places->all[at]);
        for (uint32_t dn = places->all[at].first; dn != PLACE_END; dn = places->dns[dn].next) {
            if (places->dns[dn].place != places->all[at].name || seated == 0) return false;
            seated--;
            last = dn;
        }
        if (last != places->all[at].last) return false;
    }
    return seated == 0 && content == places->content;
}

bool places_dn_known(const struct places *places, uint32_t name)
{
    const struct dn *dn = dn_find(places, name);
    return dn && dn->known;
}

uint32_t places_of_dn(const struct places *places, uint32_t name)
{
    const struct dn *dn = dn_find(places, name);
    return dn ? dn->place : 0;
}

uint32_t places_first_dn(const struct places *places, uint32_t name)
{
    const struct place *place = place_find(places, name);
    return place && place->first != PLACE_END ? places->dns[place->first].name : 0;
}

uint32_t places_next_of_group(const struct places *places, uint32_t group, uint32_t *at)
{
    while (*at < places->count) {
        const struct place *place = &places->all[(*at)++];
        if (place->first != PLACE_END && group_at(place, group) < place->group_count) return place->name;
    }
    return 0;
}

/* Returns the agent at the place by a DN of the given link; AGENT_NONE: nobody. */
static uint32_t agent_seated(const struct directory *directory, const struct place *place, unsigned source)
{
    const struct places *places = &directory->places;
    uint32_t agent;
    for (uint32_t at = place ? place->first : PLACE_END; at != PLACE_END; at = places->dns[at].next)
        if (agent_on_dn(directory->agents, source, places->dns[at].name, &agent) &&
            agent_at(directory->agents, agent)->place == place->name)
            return agent;
    return AGENT_NONE;
}

/* Returns the agent at the place: first one at a DN of the place at the given link, then at any link, then one whose
 * link reports the place. */
uint32_t places_agent(const struct directory *directory, unsigned source, uint32_t name)
{
    const struct places *places = &directory->places;
    const struct place *place = place_find(places, name);
    uint32_t agent = agent_seated(directory, place, source);
    for (unsigned at = 0; place && agent == AGENT_NONE && at < SOURCES_MAX; at++)
        agent = agent_seated(directory, place, at);
    if (agent != AGENT_NONE) return agent;
    for (agent = 0; places->told != 0 && agent < directory->agents->count;
         agent++) { /* agents whose place is reported by their links */
        const struct agent *who = agent_at(directory->agents, agent);
        if (who->place_told && who->place == name && agent_logged_in(who)) return agent;
    }
    return AGENT_NONE;
}

static void tell_member(struct directory *directory, uint32_t agent, uint32_t group, bool joined)
{
    fact_tell(directory->facts,
              &(struct fact){.what = FACT_member_changed, .name = group, .agent = agent, .joined = joined});
}

/* Takes the agent out of the groups of the earlier place and puts the agent into those of the present place. The agent
 * stays in groups that both places have, so that nothing is reported that has not changed. */
static void seat_groups(struct directory *directory, uint32_t agent)
{
    const struct agent *who = agent_at(directory->agents, agent);
    const struct place *place = place_find(&directory->places, who->place);
    for (uint32_t at = who->group_count; at-- > 0;) {
        uint32_t group = who->groups[at].name;
        if (!who->groups[at].by_place || (place && group_at(place, group) < place->group_count)) continue;
        if (agent_set_group_by_place(directory->agents, agent, group, false))
            tell_member(directory, agent, group, false);
    }
    for (uint32_t at = 0; place && at < place->group_count; at++)
        if (agent_set_group_by_place(directory->agents, agent, place->groups[at], true))
            tell_member(directory, agent, place->groups[at], true);
}

static void move_to(struct directory *directory, uint32_t agent, uint32_t place)
{
    struct agent *who = agent_at(directory->agents, agent);
    if (who->place == place) return;
    who->place = place;
    seat_groups(directory, agent);
    agent_touch(directory->agents, agent);
    if (who->listed) agent_dirty(directory->agents, agent); /* if not ready, selection looks at the agent later */
}

/* Sets the agent's place. A report without a place does not overwrite an earlier one with a place for the same DN. */
void places_agent_at(struct directory *directory, uint32_t agent, unsigned source, uint32_t dn, uint32_t told)
{
    struct agent *who = agent_at(directory->agents, agent);
    if (told == dn) told = 0; /* a link without places reports the DN as place */
    if (told == 0 && who->place_told && dn != 0 && who->source == source &&
        dn == line_agent_dn(directory->agents, agent))
        return; /* a report without a place for the same DN changes nothing */
    assert(!who->place_told || directory->places.told > 0);
    if (who->place_told) directory->places.told--;
    if (told != 0) directory->places.told++;
    who->place_told = told != 0;
    move_to(directory, agent, told != 0 ? told : places_of_dn(&directory->places, dn));
    places_agent_capacity(directory, agent);
}

/* Looks up place, groups and capacity of every agent again, because the table has changed as a whole. */
void places_changed(struct directory *directory)
{
    for (uint32_t agent = 0; agent < directory->agents->count; agent++) {
        const struct agent *who = agent_at(directory->agents, agent);
        if (!who->place_told)
            move_to(directory, agent, places_of_dn(&directory->places, line_agent_dn(directory->agents, agent)));
        seat_groups(directory, agent);
        if (places_agent_capacity(directory, agent))
            agent_settle(directory->agents, agent, directory->now->time_us, false);
    }
}

static void keep_dn(struct directory *directory, struct keeper *keeper, uint32_t number)
{
    struct places *places = &directory->places;
    struct dn *dn = &places->dns[number];
    dn->name = name_keep(directory->names, keeper, dn->name);
    dn->place = name_keep(directory->names, keeper, dn->place);
    dn->next = keep_index(keeper, dn->next, places->dn_count, PLACE_END);
    dn->known = keep_bool(keeper, dn->known);
    dn->seen = keep_bool(keeper, dn->seen);
    dn->seat_seen = keep_bool(keeper, dn->seat_seen);
    lookup_restore(&places->by_dn, keeper, number);
}

static void keep_place(struct directory *directory, struct keeper *keeper, uint32_t number)
{
    struct places *places = &directory->places;
    struct place *place = &places->all[number];
    place->name = name_keep(directory->names, keeper, place->name);
    place->first = keep_index(keeper, place->first, places->dn_count, PLACE_END);
    place->last = keep_index(keeper, place->last, places->dn_count, PLACE_END);
    place->capacity = keep_u16(keeper, place->capacity);
    place->seen = keep_bool(keeper, place->seen);
    uint32_t groups = place->group_count;
    place->groups =
        keep_rows(keeper, place->groups, &groups, &place->group_capacity, AGENT_GROUPS_MAX, sizeof *place->groups);
    place->group_count = (uint16_t)groups;
    for (uint32_t at = 0; at < groups; at++) place->groups[at] = name_keep(directory->names, keeper, place->groups[at]);
    lookup_restore(&places->by_name, keeper, number);
}

void places_keep(struct directory *directory, struct keeper *keeper)
{
    struct places *places = &directory->places;
    places->dns = keep_rows(keeper, places->dns, &places->dn_count, &places->dn_capacity, DNS_MAX, sizeof *places->dns);
    for (uint32_t at = 0; at < places->dn_count && keep_good(keeper); at++) keep_dn(directory, keeper, at);
    places->all = keep_rows(keeper, places->all, &places->count, &places->capacity, DNS_MAX, sizeof *places->all);
    for (uint32_t at = 0; at < places->count && keep_good(keeper); at++) keep_place(directory, keeper, at);
    places->told = keep_u32(keeper, places->told);
    places->content = keep_u64(keeper, places->content);
}

bool places_sound(const struct directory *directory)
{
    const struct places *places = &directory->places;
    struct marks marks = marks_of(places->dn_count);
    uint32_t seated = 0, told = 0;
    bool sound = true;
    for (uint32_t place = 0; sound && place < places->count; place++) {
        sound = places->all[place].capacity < directory->agents->capacities.count;
        for (uint32_t at = places->all[place].first; sound && at != PLACE_END; at = places->dns[at].next)
            if (!(sound = marks_mark(&marks, at) && places->dns[at].place == places->all[place].name)) break;
    }
    for (uint32_t at = 0; at < places->dn_count; at++) seated += places->dns[at].place != 0;
    for (uint32_t at = 0; at < directory->agents->count; at++) told += agent_at(directory->agents, at)->place_told;
    sound = sound && marks.marked == seated && told == places->told;
    marks_free(&marks);
    return sound;
}

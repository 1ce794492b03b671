/* runtime/core/read/beside.c - Translates names and measures of an expression's image, and asks the core's tables.
 *
 *     vq sales      word 3 of the expression's image -> "sales" -> the core's name, or word 5 of the program's image
 *     a measure     row 0 of the expression's image -> the equal row of the image of the interaction's strategy
 *
 * A measure that no loaded program has was never counted: there is no figure to read. */
#include "runtime/core/read/beside.h"

#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/core.h"
#include "runtime/core/base/table.h"
#include "runtime/core/interactions/coerce.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/links/link.h"
#include "runtime/core/queues/exclude.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/read.h"
#include "runtime/core/run/answers.h"
#include "runtime/core/site/counter.h"
#include "runtime/core/site/program.h"
#include "runtime/core/statistics/statistic.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/clock.h"

static const struct interaction *beside_interaction(const struct core_beside *b)
{
    return b->ixn == 0 ? NULL : interaction_by_id(b->core->interactions, b->ixn);
}

static struct text beside_text(const struct core_beside *b, uint64_t word)
{
    if (word >= image_count(b->image, SECTION_NAMES)) return (struct text){"", 0};
    return image_text(b->image, image_name(b->image, (uint32_t)word)->text);
}

static struct span beside_span(struct text text)
{
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

/* Returns the core's name for a word of the expression's image; 0: it has none. */
static uint32_t beside_name(const struct core_beside *b, uint64_t word)
{
    struct text text = beside_text(b, word);
    return text.length == 0 ? 0 : names_find(b->core->names, beside_span(text));
}

/* Reads the place and the expected wait of the interaction, where it waits. */
static bool beside_wait_of(const struct core_beside *b, const struct interaction *ix, uint32_t attribute,
                           uint64_t *word)
{
    if (!ix || ix->visit == VISIT_NONE) return false;
    const struct vqs *vqs = b->core->vqs;
    uint32_t position = vq_position(vqs, ix->visit), vq = visit_at(vqs, ix->visit)->vq;
    switch (attribute) {
    case ATTRIBUTE_ID_position:
        *word = position;
        return true;
    case ATTRIBUTE_ID_ewt:
        *word = answer_wait(vqs, vq, position, QUESTION_ewt_there);
        return true;
    case ATTRIBUTE_ID_ewt_low:
        *word = answer_wait(vqs, vq, position, QUESTION_ewt_low_there);
        return true;
    case ATTRIBUTE_ID_ewt_high:
        *word = answer_wait(vqs, vq, position, QUESTION_ewt_high_there);
        return true;
    default:
        return false;
    }
}

bool core_beside_attribute(const struct core_beside *b, uint32_t attribute, uint64_t *word)
{
    const struct interaction *ix = beside_interaction(b);
    uint64_t last_us = core_time(b->core), wall_us = (uint64_t)core_wall(b->core);
    if (attribute == ATTRIBUTE_ID_now) {
        *word = wall_us + (b->at_us > last_us ? b->at_us - last_us : 0);
        return wall_us != 0; /* 0: nothing has happened yet */
    }
    if (ix && interaction_clock(b->core->interactions, ix, attribute, word)) return true;
    return beside_wait_of(b, ix, attribute, word);
}

bool core_beside_agent(const struct core_beside *b, struct text name, uint64_t *word)
{
    return answer_named(b->core, name, word);
}

/* Answers for an interaction that would come now, if no interaction asks. */
static uint64_t beside_vq(const struct core_beside *b, uint32_t question, uint32_t name)
{
    const struct interaction *ix = beside_interaction(b);
    if (ix) return answer_vq(b->core, ix, question, name);
    uint32_t vq = vq_find(b->core->vqs, name);
    if (vq == VQS_MAX) return question == QUESTION_position_there;
    uint32_t position = (uint32_t)b->core->vqs->all[vq].waiting + 1;
    return question == QUESTION_position_there ? position : answer_wait(b->core->vqs, vq, position, question);
}

bool core_beside_ask(const struct core_beside *b, uint32_t question, uint64_t subject, uint64_t argument,
                     uint64_t *word, bool *known)
{
    const struct interaction *ix = beside_interaction(b);
    *known = true;
    switch (question) {
    case QUESTION_ewt_there:
    case QUESTION_ewt_low_there:
    case QUESTION_ewt_high_there:
    case QUESTION_position_there:
        *word = beside_vq(b, question, beside_name(b, subject));
        return true;
    case QUESTION_agent_logged_in:
    case QUESTION_agent_state:
    case QUESTION_agent_level:
        return answer_agent(b->core, ix, question, subject,
                            question == QUESTION_agent_level ? beside_name(b, argument) : 0, word);
    case QUESTION_agent_ready:
        *known = ix != NULL;
        return ix && answer_agent(b->core, ix, question, subject, 0, word);
    case QUESTION_queue_reachable:
        *known = ix != NULL;
        if (ix) {
            uint32_t queue = beside_name(b, subject);
            *word = queue != 0 && link_usable(b->core->links, ix->link) &&
                    !exclude_has(b->core->excludes, ix, ROUTE_FAILED, queue);
        }
        return ix != NULL;
    default:
        *known = false;
        return false;
    }
}

/* Are two names of two images the same? */
static bool beside_same_name(const struct core_beside *b, const struct image *other, uint64_t word, uint64_t of)
{
    struct text text = beside_text(b, word);
    if (of >= image_count(other, SECTION_NAMES)) return false;
    struct text same = image_text(other, image_name(other, (uint32_t)of)->text);
    return same.length == text.length && memcmp(same.bytes, text.bytes, text.length) == 0;
}

/* Are two zones of two images the same? Each image numbers its tables anew, so names are compared. */
static bool beside_same_zone(const struct core_beside *b, uint16_t number, const struct image *other, uint16_t of)
{
    const uint32_t *zone = number == IMAGE_NONE ? NULL : clock_zone(b->image, number);
    const uint32_t *same = of == IMAGE_NONE ? NULL : clock_zone(other, of);
    if (!zone || !same) return number == of;
    struct text name = clock_zone_name(zone), its_name = clock_zone_name(same);
    return name.length == its_name.length && memcmp(name.bytes, its_name.bytes, name.length) == 0;
}

/* Do a row of the expression's image and a row of the other image name the same measure? */
static bool beside_same(const struct core_beside *b, const struct image_measure *row, const struct image *other,
                        const struct image_measure *of)
{
    if (row->measure != of->measure || row->of != of->of || row->medium != of->medium ||
        row->window_us != of->window_us)
        return false;
    if (!beside_same_zone(b, row->zone, other, of->zone)) return false;
    if (row->measure < MEASURE_GIVEN) return row->within_us == of->within_us;
    return beside_same_name(b, other, (uint64_t)row->within_us, (uint64_t)of->within_us);
}

/* Reads what the queue itself knows even if no program measures it: how many interactions wait, and how long a new one
 * would wait. */
static bool beside_queue(const struct core_beside *b, const struct image_measure *asked, uint64_t object,
                         int64_t *figure)
{
    uint32_t vq = asked->of == MEASURED_VQ ? vq_find(b->core->vqs, beside_name(b, object)) : VQS_MAX;
    if (vq == VQS_MAX || (asked->measure != MEASURE_ID_waiting && asked->measure != MEASURE_ID_ewt)) return false;
    uint32_t waiting = (uint32_t)b->core->vqs->all[vq].waiting;
    *figure = asked->measure == MEASURE_ID_waiting
                  ? waiting
                  : (int64_t)answer_wait(b->core->vqs, vq, waiting + 1, QUESTION_ewt_there);
    return true;
}

bool core_beside_measure(const struct core_beside *b, uint32_t row, uint64_t object, int64_t *figure)
{
    const struct strategies *strategies = b->core->strategies;
    const struct image_measure *asked = image_measure(b->image, row);
    uint16_t kind = measure_object_type(asked->of);
    for (uint16_t program = 0; program < strategies->program_count; program++) {
        const struct image *image = strategies->programs[program].image;
        uint64_t word = object;
        if (kind != TYPE_AGENT) {
            struct text text = beside_text(b, object);
            int32_t found = image_name_find(image, kind, text.bytes, text.length);
            if (found < 0) continue;
            word = (uint64_t)found;
        }
        for (uint32_t i = 0; i < image_count(image, SECTION_MEASURES); i++) {
            if (!beside_same(b, asked, image, image_measure(image, i))) continue;
            *figure = statistic_look(b->core->statistics, program, i, word);
            return true;
        }
    }
    return beside_queue(b, asked, object, figure);
}

bool core_beside_latch(const struct core_beside *b, uint32_t row, bool *set)
{
    struct text name = image_text(b->image, image_latch(b->image, row)->name);
    struct latch_row one;
    for (uint32_t i = 0; core_latch(b->core, i, &one); i++) {
        if (one.name.length != name.length || memcmp(one.name.bytes, name.bytes, name.length) != 0) continue;
        *set = one.set;
        return true;
    }
    return false;
}

uint64_t core_beside_tallied(const struct core_beside *b, struct text name, struct text key, int64_t window_us)
{
    return counter_value(b->core->counters, beside_span(name), beside_span(key), window_us);
}

bool core_beside_setting(const struct core_beside *b, uint32_t setting, uint64_t *word, bool *other)
{
    static const unsigned tables[SETTING_KINDS] = {
        [SETTING_PARAMETER] = table_parameter, [SETTING_TABLE] = table_business, [SETTING_SCHEDULE] = table_schedule};
    const struct image_setting *row = image_setting(b->image, setting);
    struct read_setting now;
    core_setting(b->core, tables[row->kind], beside_span(image_text(b->image, row->name)), &now);
    *other = false;
    if (!now.known) return false;
    uint16_t base = type_base(row->type);
    if (row->kind == SETTING_PARAMETER && coerce_is_plain(b->image, base) &&
        coerce_plain(b->image, base, &now.value, word))
        return true;
    *other = true;
    return false;
}

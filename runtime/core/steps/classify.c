/* runtime/core/steps/classify.c - The steps that ask what a text is about: the step's text, or the body of the
 * submitted interaction. A link that can classify texts answers. */
#include <assert.h>

#include "base/utf8.h"
#include "vm/steps.h"
#include "vm/system_words.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/rows.h"

static_assert(PARAMETER_text_classify_text == PARAMETER_text_screen_text, "both steps are given the text first");

static void put_categories(struct core *core, const struct interaction *ix, uint8_t fiber)
{
    const struct block *block = block_at(core->slab, ix->block);
    const struct image *image = block_image(core->slab, block);
    struct writer *writer = &core->effects->writer;
    uint64_t list;
    uint16_t type;
    if (!vm_arg(core->slab, block, fiber, PARAMETER_text_screen_categories, &list, &type)) return;
    uint32_t count = block_count(image, block, list);
    writer_list_begin(writer, Classify_categories);
    for (uint32_t at = 0; at < count; at++)
        writer_list_text(writer,
                         core_name(core, strategy_name(core->strategies, ix, block_element(image, block, list, at))));
    writer_list_end(writer);
    writer_u(writer, Classify_screen, 1);
}

/* Returns the text that is given to the step; one without bytes means the body. `inlined` has room for a short text. */
static struct text text_given(const struct core *core, const struct interaction *ix, uint8_t fiber, char inlined[8])
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    bool given = vm_arg(core->slab, block, fiber, PARAMETER_text_classify_text, &word, &type);
    if (!given || type_base(type) != TYPE_STR) return (struct text){0};
    return block_text(block_image(core->slab, block), block, word, inlined);
}

/* Writes the text, or the reference to the body, which is the only blob that a strategy of these media has. */
static void classify_put_text(struct core *core, const struct interaction *ix, const struct text *text)
{
    struct writer *writer = &core->effects->writer;
    uint32_t length = text->length == 0 ? 0 : utf8_cut(text->bytes, text->length, TEXT_MAX_BYTES);
    if (length != 0) {
        writer_bytes(writer, Classify_text, (struct span){(const uint8_t *)text->bytes, length});
    } else {
        writer_bytes(writer, Classify_body, submitted_body(submitted_of(core->submissions, ix)));
        writer_bytes(writer, Classify_subject, interaction_system(core->interactions, ix, SYSTEM_subject));
    }
    writer_u(writer, Classify_media, ix->media);
    writer_bytes(writer, Classify_language, interaction_system(core->interactions, ix, SYSTEM_locale));
}

/* Asks the link that has the interaction, if it can classify, else any link that can. */
static struct step_outcome classify_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    char inlined[8];
    struct text text = text_given(core, ix, fiber, inlined);
    unsigned link = link_that_can(core->links, ix->link, CAP_CLASSIFY);
    int64_t timeout_us = tries_left(core, ix, fiber);
    if (link == 0 || !ix->submitted) return step_fails(code_unavailable);
    if (text.length == 0 && submitted_body(submitted_of(core->submissions, ix)).length == 0)
        return step_fails(code_unavailable);
    ref = step_effect(core, ix, KIND_Classify, link, ref, timeout_us);
    classify_put_text(core, ix, &text);
    if (step_of(core, ix, fiber) == STEP_ID_text_screen) put_categories(core, ix, fiber);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_Classify, ref, link, timeout_us);
    interaction_tell(core->interactions, ix, FACT_text_asked, 0, 0);
    return step_waits();
}

/* Collects those categories of the answer that the strategy's image has, as a list of texts in core->scratch. A link
 * may know more categories than this strategy has: those are dropped. */
static void known_categories(struct core *core, const struct interaction *ix, struct span answer)
{
    const struct image *image = block_image(core->slab, block_at(core->slab, ix->block));
    struct kv_pair pair;
    uint32_t at = 0;
    kv_clear(&core->scratch);
    while (kv_next(answer, &at, &pair))
        if (span_is(pair.key, "category") && pair.value.tag == KV_TEXT && pair.value.span.length != 0 &&
            image_name_find(image, TYPE_CATEGORY, (const char *)pair.value.span.bytes, pair.value.span.length) >= 0)
            kv_put_text(&core->scratch, "category", pair.value.span);
}

/* Makes the step's result from the answer. False: the strategy has none of the categories. */
static bool classify_found(struct core *core, struct interaction *ix, uint8_t fiber, uint64_t *word)
{
    uint16_t type = vm_result_type(core->slab, block_at(core->slab, ix->block), fiber);
    struct kv_value list = {.tag = KV_LIST, .span = kv_span(&core->scratch)}, first;
    *word = 0;
    if (step_of(core, ix, fiber) == STEP_ID_text_screen)
        return type == TYPE_VOID || userdata_word(core->interactions, ix, type, &list, word);
    if (!kv_get(list.span, "category", &first)) return false;
    return type == TYPE_VOID || userdata_word(core->interactions, ix, type, &first, word);
}

/* Ends the step. Only code_unsure has an exit of its own; any other code means that no link could answer. */
static void classify_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                              const struct message *message)
{
    uint8_t fiber = pending->fiber;
    unsigned code = effect_code_of(message);
    uint64_t word = 0;
    known_categories(core, ix, message_text(message, EventDone_value));
    if (code == code_ok && !classify_found(core, ix, fiber, &word)) code = code_unsure;
    if (code == code_ok)
        strategy_step_done(core, ix, fiber, word);
    else
        strategy_step_failed(core, ix, fiber, code == code_unsure ? code_unsure : code_unavailable);
}

const struct step_ops step_ops_classify = {
    .begin = classify_begin, .answered = classify_answered, .again = KIND_Classify, .tells = true};

/* tests/differential/evaluate_asked.c - What only the core knows: agents, queues, numbers, who is on the call, the main
 * interaction of a consultation. */
#include <string.h>

#include "tests/differential/evaluate.h"
#include "vm/question.h"

const struct value *evaluate_agent(struct evaluator *e, int64_t number)
{
    struct value *agent = ARENA_NEW(e->arena, struct value);
    if (number < 0) return value_none_of(e);
    const char *name = world_agents[number];
    *agent = (struct value){.worth = WORTH_NAME, .bytes = name, .length = strlen(name), .number = number};
    return agent;
}

const struct value *evaluate_agent_named(struct evaluator *e, const struct value *text)
{
    return evaluate_agent(e, world_agent(text->bytes, text->length));
}

static int64_t asked(struct evaluator *e, enum question_number question, const struct value *of, size_t more)
{
    if (of->worth == WORTH_NUMBER) return world_asked(e->seed, e->waits, question, "", (size_t)of->number % 1000, more);
    return world_asked(e->seed, e->waits, question, of->bytes, of->length, more);
}

const struct value *evaluate_asked(struct evaluator *e, uint32_t question, const struct value *of,
                                   const struct value *argument)
{
    unsigned waits = e->waits;
    if (e->ending && question == QUESTION_dn_known) e->waits = e->began;
    int64_t number = asked(e, question, of, argument ? argument->length : 0);
    e->waits = waits;
    if (question == QUESTION_target_agent) return evaluate_agent(e, number);
    if (question == QUESTION_target_place) return value_none_of(e);
    return value_number(e, number);
}

/* ewt(vq service), its range, position(vq service): a wait that is 0 is none. */
const struct value *evaluate_of_queue(struct evaluator *e, const char *name, const struct value *queue)
{
    if (!strcmp(name, "position")) return evaluate_asked(e, QUESTION_position_there, queue, NULL);
    uint32_t question = !strcmp(name, "ewt")       ? QUESTION_ewt_there
                        : !strcmp(name, "ewt_low") ? QUESTION_ewt_low_there
                                                   : QUESTION_ewt_high_there;
    const struct value *wait = evaluate_asked(e, question, queue, NULL);
    return wait->number == 0 ? value_none_of(e) : wait;
}

const struct value *evaluate_parties(struct evaluator *e)
{
    const struct value *parties[8];
    int64_t count = asked(e, QUESTION_party_count, value_number(e, 0), 0);
    for (int64_t i = 0; i < count; i++) {
        const struct value *at = value_number(e, i), *fields[3];
        const char *dn = world_dns[asked(e, QUESTION_party_dn, at, 0)];
        fields[0] = value_bytes(e, dn, strlen(dn));
        fields[1] = value_number(e, asked(e, QUESTION_party_role, at, 0));
        fields[2] = evaluate_agent(e, asked(e, QUESTION_party_agent, at, 0));
        parties[i] = value_of_items(e, WORTH_RECORD, fields, 3);
    }
    return value_of_items(e, WORTH_LIST, parties, (size_t)count);
}

const struct value *evaluate_main(struct evaluator *e, bool key, uint32_t number, const struct type *type)
{
    struct stream stream = world_main(e->seed, e->waits, key, number);
    return evaluate_made(e, type, &stream);
}

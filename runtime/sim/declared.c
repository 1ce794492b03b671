/* runtime/sim/declared.c - Lists skills, groups and queues of an image, in its order. */
#include "runtime/sim/tests.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "vm/image.h"

static void *list_of(uint32_t count)
{
    void *list = memory_zeroed(count + 1u, sizeof(char *));
    return list;
}

void declared_read(struct world_declared *names, const struct image *image)
{
    uint32_t count = image_count(image, SECTION_NAMES);
    *names = (struct world_declared){.all = list_of(count),
                                     .skills = list_of(count),
                                     .groups = list_of(count),
                                     .queues = list_of(count),
                                     .count = count};
    struct plan_names *lists = &names->lists;
    for (uint32_t i = 0; i < count; i++) {
        const struct image_name *row = image_name(image, i);
        struct text text = image_text(image, row->text);
        names->all[i] = strndup(text.bytes, text.length);
        assert(names->all[i]);
        if (row->kind == TYPE_SKILL)
            names->skills[lists->skill_count++] = names->all[i];
        else if (row->kind == TYPE_GROUP)
            names->groups[lists->group_count++] = names->all[i];
        else if (row->kind == TYPE_QUEUE)
            names->queues[lists->queue_count++] = names->all[i];
    }
    lists->image = image;
    lists->skills = names->skills;
    lists->groups = names->groups;
    lists->queues = names->queues;
}

void declared_free(struct world_declared *names)
{
    for (uint32_t i = 0; i < names->count; i++) free(names->all[i]);
    free(names->all);
    free(names->skills);
    free(names->groups);
    free(names->queues);
}

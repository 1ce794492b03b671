/* vm/reads.c - What the code of an image reads of its settings. */
#include "vm/image_data.h"
#include "vm/opcode.h"

bool image_reads_whole(const struct image *image, uint32_t setting, struct image_reader *reader)
{
    for (uint32_t f = 0; f < image->count[SECTION_FUNCTIONS]; f++) {
        const struct image_function *function = &image->functions[f];
        const uint32_t *code = image->code + function->code;
        for (uint32_t pc = 0; pc < function->code_words; pc += layout_words(opcode_info(word_op(code[pc]))->layout))
            if (word_op(code[pc]) == OP_SETTING && word_bc(code[pc]) == setting) {
                if (reader) *reader = (struct image_reader){f, pc};
                return true;
            }
    }
    return false;
}

/* tests/unit/vm_image.c - Images: written, loaded, refused. */
#include "tests/unit/vm_sample.h"

#include "vm/image_data.h"

Test(vm_image, the_same_calls_give_the_same_bytes, .timeout = 10)
{
    struct sample s;
    size_t first_length, second_length;
    void *first = sample_bytes(&s, &first_length), *second = sample_bytes(&s, &second_length);
    cr_assert_eq(first_length, second_length);
    cr_assert_arr_eq(first, second, first_length);
    free(first);
    free(second);
}

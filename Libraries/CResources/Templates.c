#include "Templates.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char status[] = {
#embed "../../Sources/Console/Templates/status.mustache"
};

static const unsigned char style[] = {
#embed "../../Sources/Console/Templates/style.css"
};

const unsigned char *tacet_template_status(size_t *count) {
    *count = sizeof status;
    return status;
}

const unsigned char *tacet_style(size_t *count) {
    *count = sizeof style;
    return style;
}

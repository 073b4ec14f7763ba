#include "Languages.h"
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char audit_en[] = {
#embed "../../Browser/Languages/en.txt"
};
static const unsigned char audit_de[] = {
#embed "../../Browser/Languages/de.txt"
};
static const unsigned char audit_fr[] = {
#embed "../../Browser/Languages/fr.txt"
};
static const unsigned char audit_es[] = {
#embed "../../Browser/Languages/es.txt"
};
static const unsigned char audit_zh[] = {
#embed "../../Browser/Languages/zh.txt"
};
static const unsigned char audit_ja[] = {
#embed "../../Browser/Languages/ja.txt"
};

static const unsigned char legal_en[] = {
#embed "../../Sources/Policy/Languages/en.txt"
};
static const unsigned char legal_de[] = {
#embed "../../Sources/Policy/Languages/de.txt"
};
static const unsigned char legal_fr[] = {
#embed "../../Sources/Policy/Languages/fr.txt"
};
static const unsigned char legal_es[] = {
#embed "../../Sources/Policy/Languages/es.txt"
};
static const unsigned char legal_zh[] = {
#embed "../../Sources/Policy/Languages/zh.txt"
};
static const unsigned char legal_ja[] = {
#embed "../../Sources/Policy/Languages/ja.txt"
};

static const unsigned char console_en[] = {
#embed "../../Sources/Console/Languages/en.txt"
};
static const unsigned char console_de[] = {
#embed "../../Sources/Console/Languages/de.txt"
};
static const unsigned char console_fr[] = {
#embed "../../Sources/Console/Languages/fr.txt"
};
static const unsigned char console_es[] = {
#embed "../../Sources/Console/Languages/es.txt"
};
static const unsigned char console_zh[] = {
#embed "../../Sources/Console/Languages/zh.txt"
};
static const unsigned char console_ja[] = {
#embed "../../Sources/Console/Languages/ja.txt"
};

static const struct {
    const unsigned char *bytes;
    size_t count;
} texts[6][3] = {
    {{audit_en, sizeof audit_en}, {legal_en, sizeof legal_en}, {console_en, sizeof console_en}},
    {{audit_de, sizeof audit_de}, {legal_de, sizeof legal_de}, {console_de, sizeof console_de}},
    {{audit_fr, sizeof audit_fr}, {legal_fr, sizeof legal_fr}, {console_fr, sizeof console_fr}},
    {{audit_es, sizeof audit_es}, {legal_es, sizeof legal_es}, {console_es, sizeof console_es}},
    {{audit_zh, sizeof audit_zh}, {legal_zh, sizeof legal_zh}, {console_zh, sizeof console_zh}},
    {{audit_ja, sizeof audit_ja}, {legal_ja, sizeof legal_ja}, {console_ja, sizeof console_ja}},
};

const unsigned char *tacet_language(int language, int part, size_t *count) {
    *count = texts[language][part].count;
    return texts[language][part].bytes;
}

"""The words that a diagnosis may have beside its name, in English, German, French, Spanish, Portuguese and Italian.

A word stands here for the codes that it leaves as they are: "invasive" is a word of carcinomas and melanomas, so that
"invasive nevus" is not read. Words of doubt and denial stand nowhere.
"""

from collections.abc import Mapping
from typing import Final

from lentigo._report_words import MARGINS, SHAPES, SITES, SPECIMENS

# Endings of adjectives: * in Spanish, Portuguese and Italian, + in German, ~ in French.
ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "*": ("o", "a", "os", "as", "i", "e"),
    "+": ("", "e", "er", "es", "en", "em"),
    "~": ("", "e", "s", "es"),
}

# Names of lesions beside those of `SPELLINGS`, without accents; "carcinoma, basal cell" is how registries turn a name.
HEADS: Final[Mapping[str, str]] = {
    "MEL": """lmm; alm; ssmm; melanome; lentigo maligno; lentigo malin""",
    "NV": """nevus; nzn; junktionsnavus; compoundnavus; dermalnavus; junktionsnaevus; compoundnaevus; dermalnaevus;
        blue nevus; spitz nevus; reed nevus; nevus spilus; balloon cell nevus; deep penetrating nevus; spindle
        cell nevus""",
    "BCC": """carcinoma basal cell; basal cell epithelioma; cbc; carcinoma de celulas basais; epitelioma basocelular;
        epitelioma basocellulare; carcinoma a cellule basali; carcinoma basocellulare; carcinome basocellulaire;
        epithelioma basocellulaire; basalzellcarcinom; basalzellepitheliom; ca basocellulare; ca basocelular; ca
        basocellulaire""",
    "AK": """keratosis actinic; actinic keratosis; queratose actinica; ceratose actinica; keratosis actinica;
        queratose solar; cheratosi attinica; keratose actinique""",
    "BKL": """basal cell papilloma; keratosis seborrheic; seb k; seb ker; sebk; seborrheic ker; seb keratosis;
        queratose seborreica;
        ceratose seborreica; verruga seborreica; cheratosi seborroica; keratosis seborreica; keratose
        seborrheique; verruca seborrhoica; verruca seborroica; queratose liquenoide; ceratose liquenoide;
        queratosis liquenoide; cheratosi lichenoide; keratose lichenoide; lentigo solar; lentigo solare; lentigo
        solaire; lentigo senil; lentigo senile; lentigo senilis; lentigo actinico; lentigo actinique; actinic
        lentigo; senile lentigo""",
    "DF": """histiocytoma fibrous; histiocitoma fibroso; istiocitoma fibroso; histiocytome fibreux; fibroses
        histiozytom""",
    "VASC": """haemangioma; emangioma; angioqueratoma; angiocheratoma; angiokeratome; granuloma piogenico; granuloma
        telangiectasico; granulome pyogenique; granuloma pyogenicum; ruby spot; angioma rubi; punto rubi;
        angioma rubino""",
    "SCC": """bowen; keratoacanthom;
        carcinoma squamous cell; cec; pek; doenca de bowen; malattia di bowen; morbo di bowen;
        ceratoacantoma; cheratoacantoma; keratoacanthome; carcinoma squamocellulare; carcinoma squamoso;
        carcinoma a cellule squamose; carcinoma de celulas escamosas; carcinome epidermoide; epitelioma
        espinocelular; epitelioma spinocellulare; carcinoma epidermoide; carcinoma spinocellulare; carcinome
        spinocellulaire; intraepidermal carcinoma; ca spinocellulare; ca squamocellulare; ca espinocelular""",
}

# Words beside a name, by the codes that they leave as they are. "in situ" is not among those of BCC: nobody writes it.
EVERY: Final = ("MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC")
MODIFIERS: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    (
        EVERY,
        """with; and; und; et; e; y; &;
        of; type; the; a; an; mit; vom; von; typ; typs; com; con; de; do; da; del; tipo; di; della; avec;
        du; en; skin; cutaneous; cutane*; kutan+; cutane~; excised; in sano exzidiert""",
    ),
    *((EVERY, phrases) for phrases in (SPECIMENS, MARGINS, SITES, SHAPES)),
    (("MEL", "NV", "BCC", "SCC"), "within scar; within a scar; in scar; in a scar; recurrent; recidivant*"),
    (
        ("MEL", "BCC", "SCC"),
        "no perineural invasion; no lymphovascular invasion; without perineural invasion; no vascular invasion",
    ),
    (
        ("NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC"),
        """inflamed; traumatized; traumatised; inflammation; crusted; excoriated; traumatizzat*""",
    ),
    (
        ("NV", "BKL", "DF", "VASC"),
        """benign; benigne; benigno; benigna; benignos; benignas; benigni; benin; gutartig+; no signs of
        malignancy; no sign of malignancy; no evidence of malignancy; no evidence of melanoma; no
        melanoma seen; no melanoma identified; no malignancy seen; no malignancy identified;
        no features of malignancy; no signs of melanoma;
        no malignancy; without malignancy; sem
        sinais de malignidade; sem evidencia de malignidade; sem malignidade; sin signos de malignidad; sin
        evidencia de malignidad; sin malignidad; sans signe de malignite; sans signes de malignite; senza segni
        di malignita; ohne malignitat; ohne hinweis auf malignitat; kein hinweis auf malignitat; ohne anhalt fur
        malignitat; kein anhalt fur malignitat""",
    ),
    (
        ("NV",),
        """junctional; compound; intradermal; dermal; melanocytic; common; banal; congenital; acquired; dysplastic;
        atypical; atypia; mild; moderate; severe; mild to moderate; moderate to severe; dysplasia; displasia;
        dysplasie; slight; mildly; moderately; severely; low grade; high grade; lentiginous; clark; spitz; reed;
        halo; sutton; unna; miescher; meyerson; combined; recurrent; persistent; papillomatous; papillary;
        agminated; acral; cytologic; cytological; architectural; architectural disorder; nos; giant; cellular;
        epithelioid; irritated; inflamed; traumatized; traumatised; pigmented; spindle cell; no atypia; without
        atypia; typical; regressing; regressed; marked; markedly; lentigginos*; severa; severo; junktional+;
        compoundtyp; compoundtyps; junktionstyp; junktionstyps; dermaltyp;
        dermal+; intradermal+; melanozytar+; melanozytaer+; kongenital+; dysplastisch+; atypisch+; atypie;
        atypien; leicht+; gering+; massig+; maessig+; mittelschwer+; schwer+; hochgradig+; geringgradig+;
        mittelgradig+; papillomatos+; blau+; lentiginos+; pigmentiert+; gereizt+; ohne atypie; ohne atypien;
        keine atypie; composto; composta; compost*; compuest*; juncional; juncionais; juntural; de juncao; de
        union; giunzional*; intradermic*; dermic*; dermico; melanocitic*; congenit*; displasic*; displastic*;
        atipic*; atipia; atipias; ligeir*; leve; leves; discret*; moderad*; acentuad*; grave; graves; intens*;
        lieve; lievi; moderat*; marcat*; baixo grau; alto grau; bajo grado; alto grado; basso grado; azul;
        azuis; azules; blu; comum; comun; papilomatos*; papillomatos*; pigmentad*; pigmentat*; irritad*;
        irritat*; inflamad*; infiammat*; comune; sem atipia; sem atipias; sin atipia; senza atipie; senza
        atipia; lentiginos*; recorrente; recidivant*; melanocytaire; melanocytaires; compose~; jonctionnel;
        jonctionnelle; intradermique; dermique; congenital~; dysplasique; atypique; atypies; legere; legeres;
        moderee; moderees; severes; bleu~; commun~; pigmente~; irrite~; sans atypie; sans atypies; bas grade;
        haut grade""",
    ),
    (
        ("MEL",),
        """malignant; invasive; in situ; nodular; superficial; spreading; superficial spreading; amelanotic; acral;
        lentiginous; desmoplastic; nevoid; spitzoid; metastatic; metastasis; primary; melanocytic; mucosal;
        subungual; ulcerated; ulceration; regression; regressive; early; thin; thick; nos; breslow; td; thickness;
        depth; pigmented; clark; level; stage; radial growth phase; vertical growth phase; no ulceration;
        without ulceration; traumatised; mitotic rate; mitoses; mitotic; rate; mitotic count; no mitoses; mitoserate;
        indice mitotico; indice; estensione; a estensione; lentigginos*; not ulcerated; non ulcerated; nonulcerated;
        no regression; without regression;
        maligne; malignes; maligner; malignen; invasiv+; invasives; nodular+; knotig+; superfiziell+;
        oberflachlich+; spreitend+; spreitendes; amelanotisch+; akral+; lentiginos+; ulzeriert+; ulzeration;
        tumordicke; dicke; eindringtiefe; nach; ohne ulzeration; nicht ulzeriert; ohne regression; primar+;
        maligno; malign*; invasor; invasora; invasiv*; nodulare; nodulares; nodulari; superficiale;
        superficiais; superficiales; extensiv*; de extensao; de extension; extensao; extension; a diffusione;
        diffusione; lentiginos*; acrale; amelanotic*; amelanic*; ulcerad*; ulcerat*; espessura; espesor;
        spessore; profundidade; indice; nivel; livello; estadio; stadio; stadium; sem ulceracao; nao ulcerado;
        nao ulcerada; sin ulceracion; no ulcerado; senza ulcerazione; non ulcerato; ulceracao; ulceracion;
        ulcerazione; sem regressao; metastasi; metastase; primari*; desmoplasic*; desmoplastic*; di; da; malin;
        nodulaire; superficiel; superficielle; extensif; a extension; achromique; envahissant; invasif;
        epaisseur; niveau; stade; acro; lentigineux; sans ulceration; non ulcere; ulcere""",
    ),
    (
        ("BCC",),
        """nodular; micronodular; nodulocystic; nodular cystic; aggressive; primary; superficial; infiltrative;
        infiltrating; sclerosing; sclerodermiform;
        morpheaform; morpheic; morphoeic; pigmented; ulcerated; multifocal; solid; adenoid; cystic; recurrent;
        invasive; malignant; no ulceration; multicentric; nos; mixed; nodular+; mikronodular+; superfiziell+;
        infiltrativ+; infiltrierend+; sklerosierend+; sklerodermiform+; solid+; multifokal+; multizentrisch+;
        pigmentiert+; ulzeriert+; zystisch+; nodulare; nodulares; superficiale; superficiales; superficiais;
        infiltrativ*; infiltrante; infiltrantes; micronodulare; esclerosante; esclerodermiforme; sclerosante;
        sclerodermiforme; morfeiforme; morfeico; pigmentad*; pigmentat*; ulcerad*; ulcerat*; solid*;
        multifocale; multicentric*; cistic*; recidivant*; nodulaire; superficiel; superficielle; infiltrant;
        pigmente~; ulcere~; solide; micronodulaire""",
    ),
    (
        ("SCC",),
        """invasive; in situ; well differentiated; moderately differentiated; poorly differentiated; keratinizing;
        keratinising; acantholytic; verrucous; spindle cell; clear cell; ulcerated; pigmented; malignant;
        disease; keratoacanthoma type; infiltrating; early; nos; no ulceration; adeno squamous; sarcomatoid;
        microinvasive; invasiv+; gut differenziert+; massig differenziert+; maessig differenziert+; schlecht
        differenziert+; verhornend+; ulzeriert+; morbus; invasor; invasora; invasiv*; bem diferenciado;
        moderadamente diferenciado; mal diferenciado; pouco diferenciado; bien diferenciado; pobremente
        diferenciado; ben differenziato; moderatamente differenziato; scarsamente differenziato; ulcerad*;
        ulcerat*; infiltrante; cutaneo; bien differencie; moyennement differencie; peu differencie; invasif;
        ulcere; doenca; malattia; morbo; maladie; enfermedad""",
    ),
    (
        ("AK",),
        """pigmented; hypertrophic; hyperkeratotic; atrophic; acantholytic; lichenoid; bowenoid; inflamed;
        pigmentiert+; hypertroph+; hyperkeratotisch+; atroph+; pigmentad*; pigmentat*; hipertrofic*;
        ipertrofic*; hiperqueratosic*; hiperqueratotic*; atrofic*; hypertrophique; hyperkeratosique; pigmente~""",
    ),
    (
        ("BKL",),
        """irritated; inflamed; pigmented; clonal; acanthotic; hyperkeratotic; reticulated; flat; traumatized;
        traumatised; early; adenoid; actinic; solar; senile; lichenoid; nos; gereizt+; irritiert+; entzundet+;
        pigmentiert+; klonal+; akanthotisch+; hyperkeratotisch+; solar+; irritad*; irritat*; inflamad*;
        infiammat*; pigmentad*; pigmentat*; clonale; acantotic*; acantosic*; hiperqueratosic*; hiperqueratotic*;
        ipercheratosic*; reticulad*; reticolat*; solare; senil; irritee; irrite; inflammee; pigmentee;
        acanthosique; hyperkeratosique; solaire""",
    ),
    (
        ("DF",),
        """cellular; aneurysmal; hemosiderotic; epithelioid; pigmented; fibrous; zellreich+; celular; cellulare;
        cellulaire; pigmentad*; pigmentat*""",
    ),
    (
        ("VASC",),
        """cherry; capillary; cavernous; senile; thrombosed; infantile; lobular; ulcerated; tufted; hobnail;
        strawberry; superficial; deep; traumatized; traumatised; kapillar+; kavernos+; senil+; thrombosiert+;
        capilar; capilares; cavernos*; trombosad*; capillare; trombizzat*; senil; capillaire; caverneux;
        thrombose~""",
    ),
)

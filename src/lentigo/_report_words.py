"""What reports say around a diagnosis: specimen, place and margins; and texts that mean no diagnosis was made.

In English, German, French, Spanish, Portuguese and Italian, without accents, with the endings of `ENDINGS`.
"""

from itertools import product
from typing import Final

# "Site of excision" is not listed, because a scar is not a lesion. "Re-excision" is listed only where it is advised: of
# a re-excision itself, "melanoma" may be what is no longer there.
SPECIMENS: Final = """shave; deep shave; punch; excision; excisional; incisional; biopsy; biopsies; curettage;
    curettings;
    curetted; specimen; ellipse; elliptical; tangential; wide local excision; wide excision; wle; diagnosis;
    re excision advised; re excision recommended; re excision suggested; reexcision advised; reexcision recommended;
    excision advised; excision recommended; complete excision advised; complete excision recommended; wider excision
    advised; wider excision recommended; wide local excision advised; wide local excision recommended;
    biopsie; exzision; exzidat; exzisionsbiopsie; inzisionsbiopsie; stanzbiopsie; stanze; probeexzision; probebiopsie;
    kurettage; kurettat; haut; nachexzision empfohlen; exerese; peau; biopsia; biopsia escissionale; biopsia
    incisionale; biopsia excisional; biopsia incisional; biopsia por punch; escissione; exeresi; asportazione; cute;
    curettage; escision; exeresis; extirpacion; piel; excisao; exerese; pele; curetagem; legrado"""

MARGINS: Final = """completely excised; fully excised; narrowly excised; incompletely excised; narrowly but completely
    excised; completely removed; incompletely removed; appears completely excised; excision complete; excision
    incomplete; excision appears complete; complete excision; incomplete excision; in toto; clear margins; margins
    clear; margin clear; margins are clear; margins free; margins are free; free margins; margins negative; negative
    margins; margins uninvolved; margin uninvolved; margins are uninvolved; uninvolved margins; margins not involved;
    margins involved; margin involved; margins are involved; involved margins; margins positive; positive margins;
    margin;
    margins; deep margin; deep margins; lateral margin; lateral margins; peripheral margin; peripheral margins; radial
    margin; deep and lateral margins; deep margin clear; deep margin involved; deep margin positive; peripheral margin
    involved; lateral margin involved; peripheral margins involved; extends to; extending to; present at; at; to;
    schnittrander frei; schnittrand frei; schnittrander tumorfrei; nicht in sano exzidiert; nicht in sano; in sano;
    knapp
    in sano; im gesunden; im gesunden exzidiert; vollstandig entfernt; vollstandig exzidiert; unvollstandig exzidiert;
    nicht vollstandig exzidiert; marges saines; marges libres; marges envahies; limites saines; exerese complete;
    exerese
    incomplete; bordes libres; bordes afectados; bordes afectos; bordes comprometidos; margenes libres; margenes
    afectados; margenes afectos; extirpacion completa; extirpacion incompleta; escision completa; escision incompleta;
    completamente extirpad*; reseccion completa; margens livres; margens comprometidas; margens atingidas; margens
    envolvidas; excisao completa; excisao incompleta; completamente excisad*; excisad*; margini liberi; margini indenni;
    margini interessati; margini coinvolti; margini di resezione indenni; margini di exeresi indenni; asportazione
    completa; asportazione incompleta; asportat*; completamente asportat*; escissione completa; escissione incompleta;
    exeresi completa; exeresi incompleta; completamente esciss*"""

SITES: Final = """left; right; l; r; lt; rt; upper; lower; mid; middle; lateral; medial; anterior; posterior;
    proximal; distal;
    dorsal; dorsum; ventral; inner; outer; arm; forearm; upper arm; leg; thigh; calf; shin; knee; ankle; foot; heel;
    sole;
    toe; hand; palm; finger; thumb; wrist; elbow; shoulder; back; chest; chest wall; breast; abdomen; abdominal wall;
    flank; buttock; hip; groin; neck; nape; scalp; head; face; facial; forehead; temple; cheek; nose; nasal; nasal tip;
    nasal ala; lip; chin; jaw; ear; helix; pinna; eyelid; eyebrow; canthus; scapula; shoulder blade; trunk; torso;
    axilla;
    limb; extremity; preauricular; postauricular; sternum; lower back; upper back; on; from;
    links; rechts; link+; recht+; li; rucken; oberarm; unterarm; bein; oberschenkel; unterschenkel; gesicht; wange;
    nase;
    stirn; kopf; kopfhaut; hals; nacken; schulter; brust; bauch; fuss; finger; ohr; lippe; am; der; die; das;
    gauche; droit~; dos; bras; jambe; cuisse; epaule; thorax; visage; nez; joue; front; cou; main; pied; oreille; la;
    le;
    izquierd*; derech*; espalda; brazo; pierna; muslo; hombro; torax; cara; nariz; mejilla; frente; cuello; mano; pie;
    oreja; el; esquerd*; direit*; dorso; costas; braco; perna; coxa; ombro; face; bochecha; fronte; pescoco; mao; pe;
    orelha; sinistr*; destr*; dx; sx; braccio; avambraccio; gamba; coscia; spalla; torace; addome; volto; viso; naso;
    guancia; tempia; collo; cuoio capelluto; piede; schiena; orecchio; il; al; alla; della; dello"""

SHAPES: Final = """pattern; growth pattern; growth; subtype; variant; focal; focally; tipo istologico; variante; aspetto
    istologico"""

# "Margins free of melanoma" speaks of the margins, and says nothing about the rest.
FREE_OF: Final = (
    r"\b(?:free|clear|cleared|negative|frei|tumorfrei|libres?|livres?|liber[oi]|indenn[ei]|saines?) "
    r"(?:of|for|from|von|de|do|da|di|del|d)\b"
)

# A melanoma that has grown from a nevus is a melanoma; the phrase is one word of it, and of nothing else.
FROM_A_NEVUS: Final = (
    r"\b(?:(?:arising|developing) (?:in|within|from|on)|in association with|(?:insorto |sorto |insorgente )?su|"
    r"associato a|sobre|sur|auf) "
    r"(?:(?:a|an|un|pre|existing|preexisting|esistente|preesistente|vorbestehendem|dysplastischem|dysplastic|atypical|"
    r"benign|compound|congenital|junctional|intradermal|melanocytic) )*"
    r"(?:nevus|nevo|navus)\b"
    r"(?: (?:melanocitico|displastico|displasico|composto|congenito|dysplasique|preesistente|preexistente|preexistant|"
    r"pre (?:esistente|existente|existant))\b)*"
)
GROWN: Final = "from-a-nevus"

_SCANT: Final = (
    (
        ("tissue", "material", "sample", "specimen", "biopsy", "quantity"),
        ("insufficient", "not sufficient", "inadequate", "unsatisfactory", "non diagnostic", "nondiagnostic"),
    ),
    (("material", "gewebe", "biopsie"), ("unzureichend", "ungenugend", "nicht diagnostisch")),
    (("materiel", "tissu", "echantillon", "prelevement", "biopsie"), ("insuffisant", "non contributif", "inadequat")),
    (
        ("material", "tejido", "muestra", "biopsia", "tecido", "amostra"),
        ("insuficiente", "inadecuado", "inadecuada", "inadequado", "inadequada", "no diagnostica", "nao diagnostica"),
    ),
    (
        ("materiale", "tessuto", "campione", "prelievo", "biopsia"),
        ("insufficiente", "inadeguato", "inadeguata", "non diagnostico", "non diagnostica"),
    ),
)
_ABSENT: Final = (
    (
        ("biopsy", "histology", "histopathology", "pathology report", "report", "result", "results", "diagnosis"),
        ("not done", "not performed", "not taken", "not available", "not obtained", "declined", "refused", "to follow"),
    ),
    (("specimen", "sample", "biopsy", "slides"), ("lost", "not received", "not sent", "missing")),
    (
        ("biopsie", "histologie", "befund", "diagnose"),
        ("abgelehnt", "nicht durchgefuhrt", "nicht erfolgt", "nicht vorhanden", "nicht verfugbar", "fehlt"),
    ),
    (
        ("biopsie", "histologie", "resultat", "compte rendu", "diagnostic"),
        ("refusee", "non faite", "non fait", "non realisee", "non disponible", "non effectuee"),
    ),
    (
        ("biopsia", "histologia", "resultado", "informe", "relatorio", "laudo", "diagnostico"),
        ("no realizada", "no realizado", "rechazada", "no disponible", "nao realizada", "nao realizado", "recusada",
         "nao disponivel"),
    ),
    (
        ("biopsia", "istologia", "istologico", "esame istologico", "referto", "diagnosi"),
        ("non eseguita", "non eseguito", "non effettuata", "non effettuato", "rifiutata", "non disponibile"),
    ),
)  # fmt: skip
_NOT_DONE: Final = """not biopsied; never biopsied; lesion not biopsied; no biopsy; no specimen; no sample; no
    histology; no histopathology; not excised; declined biopsy; refused biopsy; patient declined; patient refused; lost
    to follow up; lost to followup; lost to f u; ltfu; non diagnostic; nondiagnostic; insufficient; inadequate; qns;
    insufficient for diagnosis; inadequate for diagnosis; no diagnosis made; no diagnosis given; no diagnosis possible;
    nicht biopsiert; nicht exzidiert; keine biopsie; keine histologie; keine diagnose gestellt; nicht diagnostisch;
    keine nachsorge;
    pas de biopsie; pas d histologie; sans histologie; non biopsie; non biopsiee; non excise; non excisee; perdu de vue;
    perdue de vue; non contributif; sin biopsia; sin histologia; no biopsiado; no biopsiada; no extirpado; no extirpada;
    perdido de seguimiento; perdida de seguimiento; perdido en el seguimiento; no diagnostico; sem biopsia; sem
    histologia; nao biopsado; nao biopsada; nao biopsiado; nao biopsiada; nao excisado; nao excisada; perda de
    seguimento; perdido no seguimento; nao diagnostico; senza biopsia; senza istologia; non biopsiato; non biopsiata;
    non asportato; non asportata; nessuna biopsia; perso al follow up; persa al follow up; non diagnostico"""
# These alone; with more words they may be about something else ("insufficient evidence of malignancy").
ALONE: Final = frozenset(("insufficient", "inadequate", "no diagnostico", "nao diagnostico", "non diagnostico"))


def no_diagnosis() -> list[str]:
    """Return how texts begin that mean no diagnosis was made, whatever the remark after it."""
    pairs = [pair for nouns, words in _SCANT for pair in product(nouns, words)]
    scant = [f"{first} {second}" for noun, word in pairs for first, second in ((noun, word), (word, noun))]
    absent = [f"{noun} {word}" for nouns, words in _ABSENT for noun, word in product(nouns, words)]
    return [*(" ".join(phrase.split()) for phrase in _NOT_DONE.split(";")), *scant, *absent]

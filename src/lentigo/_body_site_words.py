"""The words with which clinics write where a lesion was, by the terms of the ISIC archive.

In English, German, French, Spanish, Portuguese and Italian, without accents (German also with "ae" and "ue"), with the
endings of `lentigo._diagnosis_modifiers.ENDINGS`. Buttock, hip and heel are where the archive's own list of sites
(isic-metadata, `AnatomSiteEnum`) has them. "Mouth", "nail" and "acral" stand nowhere: they can be in two of its places.
"""

from collections.abc import Mapping
from typing import Final

HEAD: Final = "head/neck"
UPPER: Final = "upper extremity"
LOWER: Final = "lower extremity"
ANTERIOR: Final = "anterior torso"
POSTERIOR: Final = "posterior torso"
LATERAL: Final = "lateral torso"
PALMS: Final = "palms/soles"
GENITAL: Final = "oral/genital"
TERMS: Final = (HEAD, UPPER, LOWER, ANTERIOR, POSTERIOR, LATERAL, PALMS, GENITAL)

# What published sets write in a column of their own: HAM10000, PAD-UFES-20, Derm7pt. Such a column is coarse enough.
PUBLISHED: Final = frozenset(
    (
        *TERMS,
        *("abdomen", "acral", "back", "chest", "ear", "face", "foot", "genital", "hand", "neck", "scalp", "trunk"),
        *("arm", "forearm", "nose", "thigh", "lip"),
        *("buttocks", "genital areas", "head neck", "lower limbs", "upper limbs"),
    )
)

PARTS: Final[Mapping[str, str]] = {
    HEAD: """head; neck; face; facial; scalp; forehead; cheek; cheeks; nose; nasal; nostril; ear; ears; earlobe; ear
        lobe; helix; antihelix; pinna; tragus; auricle; auricular; preauricular; postauricular; retroauricular;
        eyelid; eyelids; eyebrow; eyebrows; canthus; periorbital; infraorbital; lip; lips; perioral; chin; jaw;
        jawline; mandible; temple; temples; temporal; parietal; occipital; occiput; vertex; glabella; nape; nuchal;
        malar; supraclavicular; submental; zygomatic; nasolabial; kopf; kopfhaut; capillitium; hinterkopf; scheitel;
        gesicht; stirn; schlafe; schlaefe; wange; nase; nasenflugel; nasenfluegel; nasenspitze; nasenrucken;
        nasenruecken; ohr; ohrmuschel; ohrlappchen; ohrlaeppchen; lid; oberlid; unterlid; augenlid; augenbraue;
        lippe; oberlippe; unterlippe; kinn; unterkiefer; hals; nacken; tete; visage; cuir chevelu; tempe; joue;
        pommette; nez; narine; oreille; paupiere; sourcil; levre; menton; cou; nuque; crane; cabeza; cara; frente;
        sien; mejilla; pomulo; nariz; oreja; pabellon auricular; parpado; ceja; labio; barbilla; cuello; nuca; cuero
        cabelludo; cabeca; rosto; fronte; bochecha; orelha; palpebra; sobrancelha; queixo; pescoco; couro cabeludo;
        mandibula; testa; capo; volto; viso; faccia; tempia; guancia; zigomo; naso; narice; orecchio; padiglione
        auricolare; sopracciglio; labbro; mento; collo; cuoio capelluto; mandibola""",
    UPPER: """arm; arms; forearm; forearms; elbow; elbows; wrist; shoulder; shoulders; upper extremity; upper
        extremities; upper limb; upper limbs; antecubital fossa; cubital fossa; deltoid; biceps; triceps; oberarm;
        unterarm; ellbogen; ellenbogen; ellenbeuge; handgelenk; schulter; obere extremitat; obere extremitaet; bras;
        avant bras; coude; poignet; epaule; membre superieur; membres superieurs; brazo; antebrazo; codo; muneca;
        hombro; miembro superior; extremidad superior; braco; antebraco; cotovelo; punho; ombro; membro superior;
        braccio; avambraccio; gomito; polso; spalla; arto superiore""",
    LOWER: """leg; legs; thigh; thighs; calf; calves; shin; knee; knees; ankle; ankles; popliteal; popliteal fossa;
        pretibial; malleolus; achilles; hip; hips; buttock; buttocks; gluteal; lower extremity; lower extremities;
        lower limb; lower limbs; bein; beine; oberschenkel; unterschenkel; wade; schienbein; knie; kniekehle;
        knochel; knoechel; sprunggelenk; gesass; gesaess; hufte; huefte; untere extremitat; untere extremitaet;
        jambe; cuisse; genou; mollet; cheville; fesse; hanche; membre inferieur; membres inferieurs; pierna; muslo;
        rodilla; pantorrilla; tobillo; nalga; gluteo; cadera; espinilla; miembro inferior; extremidad inferior;
        perna; coxa; joelho; panturrilha; tornozelo; nadega; quadril; membro inferior; gamba; coscia; ginocchio;
        polpaccio; caviglia; natica; anca; stinco; arto inferiore""",
    POSTERIOR: """back; scapula; scapular; shoulder blade; shoulder blades; lumbar; lumbosacral; sacral; sacrum;
        interscapular; infrascapular; paraspinal; posterior torso; posterior trunk;
        rucken; ruecken; schulterblatt; lumbal; lende; kreuzbein;
        dos; omoplate; lombaire; lombes; espalda; escapula; region dorsal; zona dorsal; costas; dorso; lombar; regiao
        dorsal; schiena; scapola; lombare; regione dorsale""",
    ANTERIOR: """breast; breasts; sternum; sternal; presternal; umbilicus; umbilical; periumbilical; navel; nipple;
        areola; groin; inguinal; pectoral; inframammary; submammary; epigastric; epigastrium; anterior torso;
        anterior trunk; brustbein; nabel; leiste; dekollete; decollete; sein; nombril; aine; mama; ombligo; ingle;
        umbigo; virilha; seno; mammella; ombelico; inguine""",
    LATERAL: """flank; flanks; axilla; axillae; axillary; armpit; armpits; lateral torso; lateral trunk; flanke; achsel;
        achselhohle; achselhoehle; flanc; aisselle; flanco; costado; axila; fianco; ascella""",
    PALMS: """palm; palms; sole; soles; palmar; plantar; heel; heels; palms soles; handflache; handflaeche; handteller;
        hohlhand; fusssohle; fussohle; sohle; ferse; paume; plante; talon; palmaire; plantaire; palma; planta;
        calcanhar; palmo; pianta; palmare; plantare; tallone; face palmaire; face plantaire""",
    GENITAL: """oral mucosa; buccal mucosa; oral cavity; tongue; gingiva; palate; genital; genitals; genitalia;
        anogenital; penis; glans; foreskin; scrotum; vulva; vagina; labia majora; labia minora; perineum; anus; anal;
        perianal; mundschleimhaut; zunge; skrotum; muqueuse buccale; langue; verge; vulve; mucosa oral; lengua; pene;
        escroto; genitales; genitais; mucosa orale; lingua; scroto; genitali; oral or genital; oral genital""",
}

# Hands and feet: of these, a palm or a sole is a part; of a forearm it is not.
ENDS: Final[Mapping[str, str]] = {
    UPPER: """hand; hands; finger; fingers; thumb; thumbs; knuckle; knuckles; handrucken; handruecken; hande; haende;
        daumen; zeigefinger; mittelfinger; ringfinger; main; mains; doigt; doigts; pouce; mano; manos; mani; pulgar;
        mao; maos; polegar; pollice""",
    LOWER: """foot; feet; toe; toes; hallux; instep; fuss; fusse; fuesse; fussrucken; fussruecken; zeh; zehe; zehen;
        grosszehe; pied; pieds; orteil; orteils; pie; pies; pe; pes; piede; piedi; alluce""",
}

# Front of the trunk, unless a text says that it means another side of it; the trunk itself is on no side.
WALLS: Final = """chest; abdomen; abdominal; belly; brust; bauch; oberbauch; unterbauch; brustwand; bauchwand; poitrine;
    ventre; pecho; vientre; peito; abdome; barriga; petto; addome"""
DIGITS: Final = "digit; digits; dito; dita; dedo; dedos"  # of a hand or of a foot
TRUNK: Final = "trunk; torso; thorax; rumpf; stamm; tronc; tronco; torax; torace"

POSITIONS: Final[Mapping[str, str]] = {
    ANTERIOR: "anterior; anteriore; anterieur~; ventral; ventrale; front",
    POSTERIOR: "posterior; posteriore; posterieur~; dorsal; dorsale; dorsum",
    LATERAL: "lateral; laterale; seitlich+",
    "": "side; seite; cote; lado; lato",  # the left side of a chest may be its left half, or its flank
}

AROUND: Final = """left; right; l; r; lt; rt; bilateral; upper; lower; mid; middle; central; centre; center; midline;
    medial; proximal; distal; inner; outer; internal; external; inside; outside; superior; inferior; region; area;
    zone; part; aspect; surface; skin; of; the; on; at; between; behind; and; &; tip; ala; bridge; wall; fold; root;
    base; rim; lobe; big; great; little; index; ring; first; second; third; fourth; fifth; half; quadrant; body;
    link+; rechts; recht+; links; li; re; bds; beidseits; oben; unten; ober+; unter+; mittler+; innen; aussen;
    innenseite; aussenseite; streckseite; beugeseite; am; an; der; die; das; des; dem; den; von; vom; und; bereich;
    haut; gauche; droit~; g; d; gche; dte; superieur~; inferieur~; moyen; interne; externe; de; du; la; le; les; au;
    a; haut; bas; milieu; partie; et; region; peau; face interne; face externe; face anterieure; face posterieure;
    face laterale; face dorsale; izquierd*; derech*; izq; der; dcha; dcho; medi*; intern*; extern*; del; el; los;
    las; en; tercio; zona; parte; alt*; baj*; y; piel; cara interna; cara externa; cara anterior; cara posterior;
    cara lateral; esquerd*; direit*; esq; dir; do; da; das; em; regiao; terco; meio; e; asa; face anterior; face
    posterior; face interna; face externa; face lateral; pele; sinistr*; destr*; sx; dx; superiore; inferiore;
    estern*; di; della; dello; dell; al; alla; il; lo; regione; terzo; bass*; ed; cute; faccia interna; faccia
    esterna; faccia anteriore; faccia posteriore"""

# "Back of hand", "dorso de la mano", "dos du pied": not the back. "Front of neck".
BACK_OF: Final = (
    r"\b(?:back|dorso|dos|dorsum) (?:of|de|del|della|dello|dell|delle|dei|di|do|dos|da|das|du|des)\b"
    r"|\bdorso (?=(?:mano|mao|piede|pie|pe|dedos?|dit[oa]|nasale?|naso|nariz)\b)"
)

"""What a card says in words, with the fields of Mitchell et al. 2019, "Model Cards for Model
Reporting" (doi:10.1145/3287560.3287596). No number stands here: those are measured."""

from __future__ import annotations

from typing import Any

NOT_MEASURED = "not measured"

INTENDED_USE: dict[str, Any] = {
    "purpose": "Naming the expression that a face shows to whoever looks at it, in a live picture "
    "or a photo, with a score for each expression: to try out, to teach, to compare networks, to "
    "build things that react to a face at its owner's wish.",
    "users": "It is meant for visitors of the site, students and engineers, and for programs "
    "through the API.",
    "out_of_scope": [
        "Work: watching or judging people who work.",
        "School: watching or judging pupils and students, in class or in examinations.",
        "Hiring: judging applicants.",
        "Lie detection, policing, border control, credit, insurance.",
        "Health: recognising or following illness, pain or fitness to drive.",
        "Minors: the training pictures were not chosen for them, and nothing was measured on them.",
        "Identification: the network does not know who a person is and must not be made to.",
        "Saying what a person feels, means or will do. A face does not tell (see ethics).",
    ],
}

GROUPS = {
    "age": "the data does not give it",
    "gender": "the data does not give it",
    "skin tone": "the data does not give it",
    "culture and country": "the data does not give it",
    "glasses, beards, head coverings, masks": "the data does not give it",
}
"""Who may be in the picture -> why accuracy by it was not measured."""

METRICS = {
    "accuracy": "Share of pictures whose best label is the judge's, with its 95 % interval "
    "(Wilson 1927): what papers on FER2013 report.",
    "macro_f1": "Mean over labels of the harmonic mean of precision and recall: rare labels count "
    "as much as common ones.",
    "per_label": "Precision, recall and F1 of each label, and the confusion matrix.",
    "log_loss": "Mean negative logarithm, in nats, of the right label's score.",
    "ece": "Expected calibration error (Naeini et al. 2015), 15 bins: how far scores are from "
    "the share that is right.",
    "robustness": "Accuracy on pictures changed as cameras and detectors change them.",
}

ETHICS = [
    {
        "text": "An expression is what a face does, an emotion is what a person feels; the one "
        "does not reliably give away the other, and how they belong together differs between "
        "situations and cultures.",
        "source": "Barrett et al. 2019, Emotional Expressions Reconsidered",
        "url": "https://doi.org/10.1177/1529100619832930",
    },
    {
        "text": "Commercial systems of this kind rated Black basketball players angrier than "
        "white ones at the same degree of smile. There is no reason to think that this network "
        "is free of it.",
        "source": "Rhue 2018, Racial Influence on Automated Perceptions of Emotions",
        "url": "https://doi.org/10.2139/ssrn.3281765",
    },
    {
        "text": "In the European Union, inferring emotions at work and in education is "
        "prohibited, save for medical or safety reasons.",
        "source": "Regulation (EU) 2024/1689, AI Act, article 5",
        "url": "https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
    },
]

FER2013_ETHICS = [
    {
        "text": "FER2013's pictures were collected by a web search for words of emotion; those "
        "who are shown were not asked, and many pictures are of actors, or posed.",
        "source": "Goodfellow et al. 2013, Challenges in Representation Learning",
        "url": "https://arxiv.org/abs/1307.0414",
    },
]

CAVEATS = [
    "Pictures are still, grey and a few dozen pixels across; without voice, body or situation.",
    "Robustness is measured on changed pictures of the validation split, not on pictures of a "
    "webcam: surroundings that a moved or larger crop would show are the repeated edge.",
]

FER2013_CAVEATS = [
    "Labels are noisy: FER2013's own and the majority of FER+'s ten people differ on many pictures "
    "(data_facts.ferplus), and the ten differ with each other.",
    "Some validation pictures stand in the training split too; validation_without_duplicates "
    "leaves them out.",
    "The epoch, the temperature and the unsure score were chosen on PublicTest, so figures on it "
    "are somewhat kind. The split PrivateTest was held back.",
]


def statements(source: str) -> dict[str, Any]:
    """The card's fields in words: {"intended_use", "groups", "metrics", "ethics", "caveats"}.

    Args:
        source: of the pictures the model is measured on, `Pictures.source`.
    """
    fer2013 = source == "FER2013"
    return {
        "intended_use": INTENDED_USE,
        "groups": {name: f"{NOT_MEASURED}: {why}" for name, why in GROUPS.items()},
        "metrics": METRICS,
        "ethics": [*ETHICS, *(FER2013_ETHICS if fer2013 else [])],
        "caveats": [*(FER2013_CAVEATS if fer2013 else []), *CAVEATS],
    }

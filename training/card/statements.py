"""The texts of a model card, with the fields of Mitchell et al. 2019, "Model Cards for Model
Reporting" (doi:10.1145/3287560.3287596). The numbers of a card are measured (measurements.py)."""

from __future__ import annotations

from typing import Any

NOT_MEASURED = "not measured"

INTENDED_USE: dict[str, Any] = {
    "purpose": "Recognising the expression of a face in a video or a photo, with a score for each "
    "expression: for trying out, teaching and comparing networks, and for applications that react "
    "to the face of a person who agrees to it.",
    "users": "It is meant for visitors of the site, students and engineers, and for programs that "
    "use the API.",
    "out_of_scope": [
        "Work: monitoring or assessing employees.",
        "Education: monitoring or assessing pupils and students, in class or in examinations.",
        "Hiring: assessing applicants.",
        "Lie detection, policing, border control, credit, insurance.",
        "Health: recognising or monitoring illness, pain or fitness to drive.",
        "Minors: the training data was not selected for them, and nothing was measured on them.",
        "Identification: the network does not recognise persons and must not be used for it.",
        "Inferring what a person feels, means or will do. A face does not show it (see ethics).",
    ],
}

GROUPS = {
    "age": "the data does not contain it",
    "gender": "the data does not contain it",
    "skin tone": "the data does not contain it",
    "culture and country": "the data does not contain it",
    "glasses, beards, head coverings, masks": "the data does not contain it",
}
"""Group of people -> why accuracy by group was not measured."""

METRICS = {
    "accuracy": "Fraction of the pictures whose best label is the reference label, with its 95 % "
    "interval (Wilson 1927); the metric that papers on FER2013 report.",
    "macro_f1": "Mean over the labels of the harmonic mean of precision and recall; rare labels "
    "have the same weight as common ones.",
    "per_label": "Precision, recall and F1 of each label, and the confusion matrix.",
    "log_loss": "Mean negative logarithm of the reference label's score, in nats.",
    "ece": "Expected calibration error (Naeini et al. 2015), 15 bins: mean difference between "
    "score and accuracy.",
    "robustness": "Accuracy on pictures changed as cameras and face detectors change them.",
}

ETHICS = [
    {
        "text": "An expression is what a face shows, an emotion is what a person feels. The "
        "expression does not reliably show the emotion, and the relation between the two differs "
        "between situations and cultures.",
        "source": "Barrett et al. 2019, Emotional Expressions Reconsidered",
        "url": "https://doi.org/10.1177/1529100619832930",
    },
    {
        "text": "Commercial systems of this kind rated Black basketball players as angrier than "
        "white ones with the same degree of smile. This network may have the same bias.",
        "source": "Rhue 2018, Racial Influence on Automated Perceptions of Emotions",
        "url": "https://doi.org/10.2139/ssrn.3281765",
    },
    {
        "text": "In the European Union, inferring emotions at work and in education is "
        "prohibited, except for medical or safety reasons.",
        "source": "Regulation (EU) 2024/1689, AI Act, article 5",
        "url": "https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
    },
]

FER2013_ETHICS = [
    {
        "text": "FER2013's pictures were collected by a web search for emotion words. The persons "
        "were not asked for consent; many pictures show actors or are posed.",
        "source": "Goodfellow et al. 2013, Challenges in Representation Learning",
        "url": "https://arxiv.org/abs/1307.0414",
    },
]

CAVEATS = [
    "The pictures are still, grey and 48 pixels wide; voice, body and situation are missing.",
    "Robustness is measured on changed pictures of the validation split, not on webcam pictures. "
    "A shifted or larger crop shows the replicated edge instead of the real surroundings.",
]

FER2013_CAVEATS = [
    "The labels are noisy: FER2013's labels and the majority of FER+'s ten annotators differ on "
    "many pictures (data_facts.ferplus), and the annotators disagree with each other.",
    "Some validation pictures are also in the training split; validation_without_duplicates "
    "leaves them out.",
    "The epoch, the temperature and the unsure score were selected on PublicTest, so its figures "
    "are slightly optimistic. The split PrivateTest was held back.",
]


def statements(source: str) -> dict[str, Any]:
    """The text fields of a card: intended_use, groups, metrics, ethics, caveats.

    Args:
        source: `Dataset.source` of the images that the model is measured on.
    """
    fer2013 = source == "FER2013"
    return {
        "intended_use": INTENDED_USE,
        "groups": {name: f"{NOT_MEASURED}: {why}" for name, why in GROUPS.items()},
        "metrics": METRICS,
        "ethics": [*ETHICS, *(FER2013_ETHICS if fer2013 else [])],
        "caveats": [*(FER2013_CAVEATS if fer2013 else []), *CAVEATS],
    }

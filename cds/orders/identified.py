"""Which drug or service an order is for, before anything else of it is read."""

from __future__ import annotations

from collections.abc import Sequence

from cds.chart.drafts import NamedDraft
from cds.dosage.model import DosageRead, Route
from cds.dosage.quantity import Problems
from cds.dosage.route import implied_route
from cds.dosage.words import stated_in
from cds.orders.elsewhere import route_in
from cds.orders.instructions import in_turn
from cds.orders.medication_request import drug_of, topical_of
from cds.orders.model import Order
from cds.orders.nameless import is_unread
from cds.orders.product import OrderedProduct, read_product
from cds.orders.service_request import drug_of_service, is_service_unread, with_told_drug
from cds.orders.told_drug import told_drug
from cds.terminology.lookup import Terminology


def identified(
    named: NamedDraft, terminology: Terminology, dosages: Sequence[DosageRead] | None = None
) -> Order:
    """An Order that tells drug, classes, procedures and route, and nothing more.

    Without `dosages` its route is not told, so that no rule which asks for one passes it over.
    """
    if named.void:
        return Order(ref=named.ref, resource_type=named.kind)
    if named.kind == "ServiceRequest":
        service = with_told_drug(named.service, terminology)
        drug = drug_of_service(service)
        return Order(
            ref=named.ref,
            resource_type="ServiceRequest",
            ingredients=(drug,) if drug else (),
            procedure_sets=named.service.procedures,
            drug=drug,
            drug_unread=is_service_unread(service),
        )
    told = told_drug(named.product, named.instructions, named.notes, terminology)
    product = read_product(named.product, Problems(), told)
    match = product.match
    route = _route(product, dosages) if dosages is not None else None
    return Order(
        ref=named.ref,
        resource_type="MedicationRequest",
        ingredients=tuple(i.name for i in match.ingredients) if match else (),
        classes=match.classes if match else frozenset(),
        drug=(drug := drug_of(match, route)),
        topical=topical_of(match) if drug is None else None,
        drug_unread=told is None
        and is_unread(named.product, dosages or (), named.notes, terminology),
        display=product.display,
        route=route,
    )


def _route(product: OrderedProduct, dosages: Sequence[DosageRead]) -> Route | None:
    """The route, as far as it may make an order none of our business.

    A cream is no ketamine treatment: but that all of its instructions must code, since words may
    tell of another drug.
    """
    coded = {dosage.fields.route for dosage in dosages}
    if drug_of(product.match, None) is not None:
        return "topical" if coded == {"topical"} else None
    for _, dosage in in_turn(dosages)[:1]:
        said = stated_in(dosage.text).routes if not dosage.fields.routes else ()
        if dosage.fields.route is not None or len(said) == 1:
            return dosage.fields.route or said[0]
    implied = implied_route(product.match.route) if product.match else None
    return implied or route_in(product.names)

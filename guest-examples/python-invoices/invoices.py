"""Invoices as HTML, from orders that are checked first."""

from datetime import date, timedelta
from decimal import Decimal

from jinja2 import DictLoader, Environment
from pydantic import BaseModel, Field, ValidationError
from temporalio import activity
from temporalio.exceptions import ApplicationError

TEMPLATES = Environment(
    loader=DictLoader(
        {
            "invoice": """\
<h1>Invoice {{ order.number }}</h1>
<p>To {{ order.customer }}, due on {{ due }}.</p>
<table>
{%- for line in order.lines %}
  <tr><td>{{ line.quantity }}</td><td>{{ line.article }}</td><td>{{ "%.2f"|format(line.total) }}</td></tr>
{%- endfor %}
  <tr><td></td><td>Total</td><td>{{ "%.2f"|format(order.total) }}</td></tr>
</table>
"""
        }
    ),
    autoescape=True,
)


class Line(BaseModel):
    article: str
    quantity: int = Field(gt=0)
    price: Decimal = Field(ge=0)

    @property
    def total(self) -> Decimal:
        return self.quantity * self.price


class Order(BaseModel):
    number: str
    customer: str
    ordered: date
    lines: list[Line] = Field(min_items=1)

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), Decimal(0))


@activity.defn
def render_invoice(order: dict, days_to_pay: int = 30) -> str:
    """The invoice of an order; an order that can't be right is not tried again."""
    try:
        checked = Order.parse_obj(order)
    except ValidationError as error:
        raise ApplicationError("the order is not valid", error.errors(), type="InvalidOrder", non_retryable=True)
    due = checked.ordered + timedelta(days=days_to_pay)
    return TEMPLATES.get_template("invoice").render(order=checked, due=due)

import django.db.models.deletion
import django_scim_provider.models.fields
import django_scim_provider.models.keys
import django_scim_provider.models.moments
from django.db import migrations, models


class Migration(migrations.Migration):

    # The migrations of the app need the user model, which the first migration makes.
    dependencies = [
        ("customers", "0001_initial"),
        ("scim_provider", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='Badge',
            fields=[
                ('id', models.UUIDField(default=django_scim_provider.models.keys.uuid7, editable=False, primary_key=True, serialize=False)),
                ('scim_id', django_scim_provider.models.fields.SCIMIdField(blank=True, editable=False, max_length=255, verbose_name='SCIM id')),
                ('external_id', django_scim_provider.models.fields.ExactCharField(blank=True, editable=False, max_length=256, null=True, verbose_name='external id')),
                ('resource', models.TextField(editable=False)),
                ('folded', django_scim_provider.models.fields.FoldedField(editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='created at')),
                ('last_modified', django_scim_provider.models.moments.MomentField(editable=False, verbose_name='last modified')),
                ('number', django_scim_provider.models.fields.ExactCharField(max_length=20)),
                ('provider', models.ForeignKey(db_column='provider_id', db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scim_provider.providerconnection', to_field='provider_id', verbose_name='connection')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['provider', 'external_id'], name='customers_b_provide_191185_idx'), models.Index(fields=['provider', 'number'], name='customers_badge_number')],
                'constraints': [models.UniqueConstraint(fields=('provider', 'scim_id'), name='customers_badge_scim_id')],
            },
        ),
    ]
